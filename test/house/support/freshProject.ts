import { exec, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { root } from './source.js';

/** What a command did. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
  /** Each call of console.log in a file of the project, with the line that it stands on. */
  readonly prints: readonly { readonly file: string; readonly line: number; readonly text: string }[];
}

/** A folder as its reader's: this package out of its tarball, the packages that were installed, and nothing else. */
export interface FreshProject {
  readonly folder: string;
  /** As `npm install` does; of what this repository has, so that nothing is fetched. */
  install(packages: readonly string[]): void;
  write(file: string, text: string): void;
  run(command: string): Promise<Ran>;
  remove(): void;
}

let packed: string | undefined;

/** The unpacked tarball, made once for all projects of a test file. */
function tarball(): string {
  if (packed !== undefined) return packed;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ssim-ae-packed-')));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // --ignore-scripts: dist/ is fresh already, and a rebuild would take it away from other tests.
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const file = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  execFileSync('tar', ['-xzf', file], { cwd: folder });
  packed = join(folder, 'package');
  return packed;
}

export function freshProject(): FreshProject {
  // Outside of the repository, whose node_modules/ Node would find from within.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ssim-ae-project-')));
  const modules = join(folder, 'node_modules');
  const hook = join(folder, 'node_modules', '.printed.mjs');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  writeFileSync(hook, recordsPrints);
  let runs = 0;

  const install = (name: string): void => {
    const place = join(modules, name);
    if (existsSync(place)) return;
    mkdirSync(dirname(place), { recursive: true });
    if (name === 'ssim-ae') {
      // A copy: a link would lead back to where other packages are not.
      execFileSync('cp', ['-r', tarball(), place]);
      return;
    }
    const from = join(root, 'node_modules', name);
    if (!existsSync(from))
      throw new Error(`npm install ${name}: it is no devDependency here, so it cannot be tried.`);
    symlinkSync(realpathSync(from), place);
    const { bin } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as {
      readonly bin?: string | Readonly<Record<string, string>>;
    };
    for (const [command, path] of Object.entries(
      typeof bin === 'string' ? { [basename(name)]: bin } : (bin ?? {}),
    )) {
      symlinkSync(join(place, path), join(modules, '.bin', command));
    }
  };

  return {
    folder,
    install: (packages) => packages.forEach(install),
    write: (file, text) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    },
    run: (command) => {
      const record = join(modules, `.printed-${runs++}.jsonl`);
      const env = {
        ...process.env,
        NODE_OPTIONS: `--import=${hook}`,
        PRINTED_IN: folder,
        PRINTED_TO: record,
        PATH: `${join(modules, '.bin')}:${dirname(process.execPath)}:${process.env['PATH']}`,
      };
      return new Promise((resolve) => {
        exec(command, { cwd: folder, env, timeout: 580_000, maxBuffer: 2 ** 28 }, (failure, out, error) => {
          const lines = existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : [];
          resolve({
            code: failure === null ? 0 : (failure.code ?? 1),
            out,
            error,
            prints: lines.map((line) => JSON.parse(line) as Ran['prints'][number]),
          });
        });
      });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Loaded before a file of the project, which itself stays as its reader would have it. */
const recordsPrints = String.raw`
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import { formatWithOptions } from 'node:util';

const { log } = console;
const { PRINTED_IN: folder, PRINTED_TO: record } = process.env;
console.log = (...parts) => {
  log(...parts);
  for (const [, path, line] of new Error().stack.matchAll(/(?:file:\/\/)?(\/[^\s()]*?):(\d+):\d+\)?$/gm)) {
    const file = relative(folder, path);
    if (file.startsWith('..') || file.startsWith('node_modules')) continue;
    const text = formatWithOptions({ colors: false }, ...parts);
    appendFileSync(record, JSON.stringify({ file, line: Number(line), text }) + '\n');
    return;
  }
};
`;
