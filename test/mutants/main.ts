/**
 * Which small changes of src/ no test notices: `npm run test:mutants`, with `--help` for its options. It draws 200
 * mutants by a seed, runs each with the tests that reach it, and writes down what survived. It takes long and the
 * registry, so it is no part of `npm test`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { sourcePaths } from '../house/support/source.js';
import { installBeside } from '../support/installBeside.js';
import { help, readArguments } from './arguments.js';
import { allMutants, drawn, lineOf, restrictTo } from './sample.js';
import { loadStryker } from './stryker.js';
import type { Mutant } from './stryker.js';

/**
 * Left out: shaders and what drives them, which only browsers run; the sources of WebAssembly, which are
 * another language, and what they were compiled to; lists of exports.
 */
const isLeftOut = (path: string): boolean =>
  /^backends\/web|^ssim\/kernels\/web|\/assembly\/|^(index|kernels)\.ts$/.test(path);
const files = sourcePaths()
  .filter((path) => !isLeftOut(path))
  .map((path) => `src/${path}`);
const report = '.mutants/report.json';

interface Report {
  readonly seed: number;
  readonly mutants: readonly Row[];
}

interface Row {
  readonly line: string;
  readonly mutator: string;
  readonly from: string;
  readonly to: string;
  readonly status: string;
  readonly tests: number;
}

async function main(): Promise<void> {
  const given = readArguments(process.argv.slice(2));
  if (given === undefined) {
    process.stdout.write(help);
    return;
  }
  installBeside('test/mutants');
  const all = await allMutants(files);
  const keys = chosen(all);
  process.stdout.write(`${keys.length} of the ${all.length} mutants of ${files.length} files\n`);
  if (keys.length === 0) return;

  await restrictTo(keys);
  const Stryker = await loadStryker();
  const results = await new Stryker({
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'test/mutants/vitest.config.ts', related: false },
    mutate: [...new Set(keys.map((key) => key.slice(0, key.indexOf(':'))))],
    coverageAnalysis: 'perTest',
    // What runs when a file is loaded would need all tests in new processes, for each mutant.
    ignoreStatic: true,
    concurrency: given.concurrency,
    timeoutMS: 60_000,
    timeoutFactor: 3,
    dryRunTimeoutMinutes: 120,
    reporters: ['progress-append-only'],
    ignorePatterns: ['/docs', '/dist', '/bench-out', '/quickstart-out', '/.mutants', '/.examples'],
    tempDirName: '.stryker-tmp',
    allowConsoleColors: false,
    checkers: [],
  }).runMutationTest();

  const rows = results.map(rowOf).sort((a, b) => a.line.localeCompare(b.line, 'en', { numeric: true }));
  mkdirSync('.mutants', { recursive: true });
  writeFileSync(
    report,
    `${JSON.stringify({ seed: given.seed, mutants: rows } satisfies Report, undefined, 1)}\n`,
  );
  process.stdout.write(summary(rows));

  function chosen(mutants: readonly string[]): string[] {
    const { only, count, seed } = given!;
    if (only === undefined) return drawn(mutants, count, seed);
    const lines = only === 'survivors' ? survivorsOfLastReport() : only;
    return mutants.filter((key) => lines.includes(lineOf(key)));
  }
}

const survived = ({ status }: Row): boolean => status === 'Survived' || status === 'NoCoverage';

function survivorsOfLastReport(): string[] {
  const { mutants } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  return mutants.filter(survived).map(({ line }) => line);
}

function rowOf(mutant: Mutant): Row {
  const { fileName, location, mutatorName, replacement = '', status = '', coveredBy = [] } = mutant;
  const path = relative('.', fileName).replaceAll('\\', '/');
  const { start, end } = location;
  const lines = readFileSync(fileName, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
  lines[0] = lines[0]!.slice(start.column - 1);
  return {
    line: `${path}:${start.line}`,
    mutator: mutatorName,
    from: inOneLine(lines.join('\n')),
    to: inOneLine(replacement),
    status,
    tests: coveredBy.length,
  };
}

function inOneLine(code: string): string {
  const text = code.replaceAll(/\s+/g, ' ');
  return text.length > 100 ? `${text.slice(0, 60)} … ${text.slice(-30)}` : text;
}

function summary(rows: readonly Row[]): string {
  const count = (status: string): number => rows.filter((row) => row.status === status).length;
  const killed = count('Killed') + count('Timeout');
  const judged = killed + count('Survived') + count('NoCoverage');
  return [
    ...rows
      .filter(survived)
      .map(
        ({ line, mutator, from, to, status, tests }) =>
          `${line}  ${status === 'NoCoverage' ? 'reached by no test' : `survived ${tests} tests`}: ${mutator}\n    ${from}\n  → ${to}`,
      ),
    [...new Set(rows.map(({ status }) => status))].map((status) => `${status} ${count(status)}`).join(', '),
    `${killed} of ${judged} noticed: ${((100 * killed) / judged).toFixed(1)} %`,
    '',
  ].join('\n');
}

await main();
