// `npx tsx test/mutants/assembly.ts`: changes the AssemblyScript of the WebAssembly kernels in small ways, one at a time, in a copy of the
// tree, and says which changes the tests of that kernel do not notice. Stryker mutates only what JavaScript runs.
import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomFrom } from '../../bench/running/random.js';

const help = `npx tsx test/mutants/assembly.ts [options]

Changes the AssemblyScript of the kernels in small ways, one at a time, and says which changes no test notices.

  --seed N    which mutants are drawn (1)
  --count N   how many of each file (3; all with --only)
  --only TEXT only mutants whose line, FILE:LINE CHANGE, contains this
  --help
`;

/** Whatever takes longer runs in circles. */
const mostSeconds = 300;

/** The tests that guard each source, the quickest first; a project of vitest.config.ts, then files. */
const guards: Readonly<Record<string, readonly string[]>> = {
  'src/arrays/kernels/assembly/ssimRows.ts': ['cpu, alone', 'test/arrays/ssim.test.ts'],
  'src/backends/assembly/shared/halving.ts': [
    'cpu, alone',
    'test/multiscale/kernels/msSsimKernels.test.ts',
    'test/gradientMagnitude/kernels/gmsKernels.test.ts',
  ],
  'src/backends/assembly/shared/rows.ts': [
    'cpu, alone',
    'test/gradientMagnitude/kernels/gmsKernels.test.ts',
    'test/ssim/kernels/ssimKernels.test.ts',
    'test/multiscale/kernels/msSsimKernels.test.ts',
  ],
  'src/gradientMagnitude/kernels/assembly/gms.ts': [
    'cpu, alone',
    'test/gradientMagnitude/kernels/gmsKernels.test.ts',
  ],
  'src/multiscale/kernels/assembly/msSsim.ts': [
    'cpu, alone',
    'test/multiscale/kernels/msSsimKernels.test.ts',
  ],
  'src/pixels/kernels/assembly/pixels.ts': ['cpu', 'test/pixels/kernels/pixelKernels.test.ts'],
  'src/ssim/kernels/assembly/ssim.ts': ['cpu, alone', 'test/ssim/kernels/ssimKernels.test.ts'],
  'src/ssim/kernels/assembly/shared/windows.ts': [
    'cpu, alone',
    'test/ssim/kernels/ssimKernels.test.ts',
    'test/multiscale/kernels/msSsimKernels.test.ts',
  ],
  'src/ssim/kernels/assembly/shared/boxSums.ts': ['cpu, alone', 'test/ssim/kernels/ssimKernels.test.ts'],
  'src/wasmTraining/assembly/convolutions.ts': ['wasm, alone', 'test/wasmTraining/'],
  'src/wasmTraining/assembly/elementwise.ts': ['wasm, alone', 'test/wasmTraining/fasterElementwise.test.ts'],
};

/** What is replaced, by what. Types, imports and comments are left alone. */
const operators: readonly (readonly [RegExp, (found: string) => string])[] = [
  [/ \+ /g, () => ' - '],
  [/ - /g, () => ' + '],
  [/ \* /g, () => ' + '],
  [/ < /g, () => ' <= '],
  [/ <= /g, () => ' < '],
  [/ > /g, () => ' >= '],
  [/ >= /g, () => ' > '],
  [/ === /g, () => ' !== '],
  [/ && /g, () => ' || '],
  [/\bmax\(/g, () => 'min('],
  [/\bmin\(/g, () => 'max('],
  [/\.add\(/g, () => '.sub('],
  [/\.sub\(/g, () => '.add('],
  [/\.mul\(/g, () => '.add('],
  [/\.max\(/g, () => '.min('],
  [/\.min\(/g, () => '.max('],
  // Whole numbers, offsets of loads and stores included.
  [/(?<![\w.<])\d+(?![\w.])/g, (found) => String(Number(found) + 1)],
  [/(?<![\w.<])[1-9]\d*(?![\w.])/g, (found) => String(Number(found) - 1)],
];

/** Changed lines after which every value is what it was, each with the reason. */
const equivalent: readonly string[] = [
  'for (let k = taps; k > 1; k -= 16) {', // taps lie 16 bytes apart
  'for (; to <= end; from += 8, to += 16) {', // nothing reads what lies beyond a row's end
  'sumA = (end + 16) & ~15;', // the same, or more room
  'sumB = (sumA + bytes + 14) & ~15;', // `bytes` counts whole groups of 8
  'sumB = (sumA + bytes + 15) & ~14;', // a byte further, which memory grows by, and no address is asked to be aligned
  'sumA = (end + 15) & ~16;', // a byte before `end` at most, which lies behind room
  'memory.fill(to - reach, 1, reach);', // numbers of 8e-304, which rounding takes out of every sum
];

interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly changed: string;
  readonly name: string;
}

function mutantsOf(root: string, file: string): Mutant[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  let isComment = false;
  return lines.flatMap((text, index) => {
    if (/^\s*\/\*/.test(text)) isComment = true;
    // An address that is a byte further leaves everything as it is: memory has room between its parts, and needs no alignment.
    const isAddress = /^const \w+: usize = \d+;/.test(text);
    // What the state of a module begins with is set before anything reads it, when a call lays its work out.
    const isState = /^(export )?let \w+: \w+ = \w+;/.test(text);
    const skipped = isComment || isAddress || isState || /^\s*(\/\/|\*|import |@|export \{|type )/.test(text);
    if (text.includes('*/')) isComment = false;
    if (skipped) return [];
    const [code] = text.split(' // ') as [string];
    // Nor does a table with room for more than its most.
    const isRoom = ({ name }: Mutant): boolean =>
      /^const \w+: usize = \w+ \+ 1(30 \* 16|29 \* 17);/.test(name.split('  →  ')[1]!);
    return operators
      .flatMap(([pattern, replacement]) =>
        [...code.matchAll(pattern)].map((match): Mutant => {
          const changed =
            text.slice(0, match.index) + replacement(match[0]) + text.slice(match.index + match[0].length);
          return {
            file,
            line: index,
            changed,
            name: `${file}:${index + 1} ${text.trim()}  →  ${changed.trim()}`,
          };
        }),
      )
      .filter((mutant) => !isRoom(mutant) && !equivalent.includes(mutant.changed.trim()));
  });
}

/** Runs a command in the copy, and kills it, with its children, after some time. */
function exitCode(cwd: string, command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: 'ignore', detached: true });
    running = child.pid;
    const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 1000 * mostSeconds);
    child.on('exit', (code) => {
      clearTimeout(timer);
      running = undefined;
      resolve(code ?? -1);
    });
  });
}
let running: number | undefined;

/** Whether the tests that guard a source fail. */
async function fails(copy: string, file: string): Promise<boolean> {
  const [project, ...tests] = guards[file]!;
  for (const test of tests) {
    const args = ['vitest', 'run', '--project', project!, '--bail', '1', test];
    if ((await exitCode(copy, 'npx', args)) !== 0) return true;
  }
  return false;
}

/** Undefined if it does not compile, or compiles to the same bytes. */
async function isCaught(copy: string, { file, line, changed }: Mutant): Promise<boolean | undefined> {
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  const code = (): string =>
    readdirSync(join(copy, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('Code.ts'))
      .map((name) => readFileSync(join(copy, 'src', name), 'utf8'))
      .join('');
  const lines = original.split('\n');
  const before = code();
  lines[line] = changed;
  writeFileSync(path, lines.join('\n'));
  try {
    const compiled = await exitCode(copy, process.execPath, ['compileAssembly.js']);
    if (compiled !== 0 || code() === before) return undefined;
    return await fails(copy, file);
  } finally {
    writeFileSync(path, original);
    await exitCode(copy, process.execPath, ['compileAssembly.js']);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const copy = mkdtempSync(join(tmpdir(), 'ssim-ae-mutants-'));
  const remove = (): void => {
    if (running !== undefined) process.kill(-running, 'SIGKILL');
    rmSync(copy, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      remove();
      process.exit(130);
    });
  }
  try {
    for (const name of readdirSync('.')) {
      if (['.git', 'node_modules', 'dist', 'docs'].includes(name)) continue;
      cpSync(name, join(copy, basename(name)), { recursive: true });
    }
    symlinkSync(realpathSync('node_modules'), join(copy, 'node_modules'));
    if ((await exitCode(copy, process.execPath, ['compileAssembly.js'])) !== 0) {
      throw new Error('The sources do not compile as they are.');
    }
    const random = randomFrom(Number(values.seed));
    const survivors: string[] = [];
    let tried = 0;
    for (const file of Object.keys(guards)) {
      const all = mutantsOf(copy, file);
      const rest = values.only === undefined ? all : all.filter(({ name }) => name.includes(values.only!));
      const count = Math.min(
        rest.length,
        Number(values.count ?? (values.only === undefined ? 3 : rest.length)),
      );
      // Tests that fail as it is would catch everything.
      if (count > 0 && (await fails(copy, file)))
        throw new Error(`Without a mutant the tests of ${file} fail.`);
      for (let drawn = 0; drawn < count && rest.length > 0;) {
        const [mutant] = rest.splice(Math.floor(random() * rest.length), 1) as [Mutant];
        const caught = await isCaught(copy, mutant);
        if (caught === undefined) continue;
        drawn++;
        tried++;
        if (!caught) survivors.push(mutant.name);
        process.stdout.write(`${caught ? 'caught  ' : 'SURVIVED'} ${mutant.name}\n`);
      }
    }
    process.stdout.write(`\n${tried - survivors.length} of ${tried} caught.\n`);
    for (const name of survivors) process.stdout.write(`survived: ${name}\n`);
    if (survivors.length > 0) process.exitCode = 1;
  } finally {
    remove();
  }
}

await main();
