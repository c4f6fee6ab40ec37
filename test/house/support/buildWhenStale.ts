import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './source.js';

/** Vitest's global setup of the house project: what these tests import and pack is the dist/ of this src/. */
export default function buildWhenStale(): void {
  const sources = [...filesIn('src'), 'package.json', 'tsconfig.json', 'tsup.config.ts'];
  const newestSource = Math.max(...sources.map(modified));
  const built = filesIn('dist');
  const expected = ['index', 'kernels'].flatMap((entry) =>
    ['js', 'cjs', 'd.ts', 'd.cts'].map((extension) => join('dist', `${entry}.${extension}`)),
  );
  const isFresh =
    expected.every((path) => built.includes(path)) && Math.min(...built.map(modified)) > newestSource;
  if (!isFresh) execFileSync('npm', ['run', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((path) => join(folder, path))
      .filter((path) => statSync(join(root, path)).isFile());
  } catch {
    return [];
  }
}

function modified(path: string): number {
  return statSync(join(root, path)).mtimeMs;
}
