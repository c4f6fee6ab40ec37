import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { declarationOf, entries, exportedValues, root } from './source.js';
import { docstringOf } from './docstrings.js';
import { typecheck } from './typecheck.js';

/** One runnable block of code from the docs. */
export interface Example {
  /** Where it stands, for people. */
  readonly title: string;
  readonly code: string;
}

/** What became of it: messages of the compiler, and of the run; nothing if all is well. */
export interface Outcome {
  readonly compiler: readonly string[];
  readonly run: string;
  /** How many of the values that its comments announce were compared with what it printed. */
  readonly compared: number;
}

/** The examples of all docstrings. */
export function docstringExamples(): Example[] {
  return Object.values(entries).flatMap((entry) =>
    exportedValues(entry).map((exported) => ({
      title: `docstring of ${exported.name}`,
      code: blocksOf(docstringOf(declarationOf(exported)))
        .map(({ code }) => code)
        .join('\n'),
    })),
  );
}

/** README.md and every Markdown file of docs/, as far as they exist. */
export function pages(): string[] {
  const present = readdirSync(root).filter((name) => name === 'README.md');
  const docs = existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs')) : [];
  return [...present, ...docs.filter((name) => name.endsWith('.md')).map((name) => join('docs', name))];
}

/** Blocks of code with their info strings and where they begin. */
export function blocksOf(markdown: string): { readonly info: string; readonly code: string; line: number }[] {
  return [...markdown.matchAll(/^( *)(`{3,})([^\n`]*)\n(.*?)^\1\2 *$/gms)].map((match) => ({
    info: (match[3] ?? '').trim(),
    code: (match[4] ?? '').replaceAll(new RegExp(`^${match[1] ?? ''}`, 'gm'), ''),
    line: markdown.slice(0, match.index).split('\n').length,
  }));
}

/** The examples of the pages: what stands in ```ts, but for ```ts no-run. */
export function pageExamples(): Example[] {
  return pages().flatMap((page) =>
    blocksOf(readFileSync(join(root, page), 'utf8'))
      .filter(({ info }) => info === 'ts')
      .map(({ line, code }) => ({ title: `${page}, line ${line}`, code })),
  );
}

/** Compiles all examples, and runs each in a process of its own on tfjs's cpu backend. */
export async function tryExamples(examples: readonly Example[]): Promise<ReadonlyMap<Example, Outcome>> {
  // Inside the repository, so that `import 'ssim-ae'` finds the package itself: its exports and its dist/.
  const folder = join(root, '.examples');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  try {
    writeFileSync(join(folder, 'printed.mjs'), printed);
    const sources = examples.map((_, index) => join(folder, `example${index}.ts`));
    examples.forEach(({ code }, index) => {
      writeFileSync(sources[index]!, `import '@tensorflow/tfjs-backend-cpu';\n${code}\nexport {};\n`);
    });
    const compiled = typecheck(sources);
    const runs = await inTurns(examples, async ({ code }, index) => {
      const path = join(folder, `example${index}.mjs`);
      const script = await transform(withComparisons(code), { loader: 'ts', target: 'es2022' });
      writeFileSync(path, `import '@tensorflow/tfjs-backend-cpu';\nimport './printed.mjs';\n${script.code}`);
      return run(path);
    });
    return new Map(
      examples.map((example, index) => [
        example,
        {
          compiler: compiled.get(sources[index]!)!,
          run: runs[index]!,
          compared: expectations(example.code).length,
        },
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A line that prints one thing, and a comment that says what. */
const announced =
  /^.*(?:\.print\(\)|console\.log\(.*\));? \/\/ (\[[^\]]*\]|-?[\d.]+(?=:|$)|.*\b(?:above|below) -?[\d.]*\d|\w+$)/;

function expectations(code: string): string[] {
  return code.split('\n').flatMap((line) => announced.exec(line)?.[1] ?? []);
}

/** After every such line, a comparison of what was printed with what was announced. */
function withComparisons(code: string): string {
  return code
    .split('\n')
    .map((line) => {
      const expected = announced.exec(line)?.[1];
      return expected === undefined ? line : `${line}\nglobalThis.__compare(${JSON.stringify(expected)});`;
    })
    .join('\n');
}

/** Part of every example's process: keeps what is printed, and compares it. */
const printed = String.raw`
import { isDeepStrictEqual, inspect } from 'node:util';
let last = '';
console.log = (...parts) => {
  last = parts.map((part) => (typeof part === 'string' ? part : inspect(part))).join(' ');
};
const numbersIn = (text) => (text.match(/-?\d+(\.\d+)?(e[-+]?\d+)?/gi) ?? []).map(Number);
globalThis.__compare = (expected) => {
  const bound = /\b(above|below) (-?[\d.]*\d)/.exec(expected);
  const numbers = numbersIn(last);
  let holds;
  if (bound !== null) {
    const limit = Number(bound[2]);
    holds = numbers.length > 0 && numbers.every((x) => (bound[1] === 'above' ? x > limit : x < limit));
  } else if (/^[\[\d-]/.test(expected)) {
    const wanted = numbersIn(expected);
    holds =
      numbers.length === wanted.length &&
      numbers.every((x, i) => Math.abs(x - wanted[i]) <= 1e-3 * Math.max(1, Math.abs(wanted[i])));
  } else holds = last.trim() === expected;
  if (!holds) throw new Error('the comment says ' + expected + ', but it printed ' + last);
};
`;

function run(path: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [path], { timeout: 120_000 }, (error, _, stderr) => {
      resolve(error === null ? '' : `${error.message}\n${stderr}`);
    });
  });
}

/** Like Promise.all, with no more at once than there are processors. */
async function inTurns<From, To>(
  items: readonly From[],
  work: (item: From, index: number) => Promise<To>,
): Promise<To[]> {
  const results: To[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, worker));
  return results;
}
