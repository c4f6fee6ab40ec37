// `npm run prepare`: makes dist/ unless it is newer than all that it is made of. npm runs this after an install
// in a clone, before it packs, and for a project that installs the package from git.
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = import.meta.dirname;

const filesIn = (folder) => {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((path) => join(folder, path))
      .filter((path) => statSync(join(root, path)).isFile());
  } catch {
    return []; // there is none
  }
};
const modified = (path) => statSync(join(root, path)).mtimeMs;

/** The build writes these, so they are newer than their sources. */
const isCompiled = (path) => path.endsWith('Code.ts');
const sources = [
  ...filesIn('src'),
  'package.json',
  'tsconfig.json',
  'tsup.config.ts',
  'compileAssembly.js',
].filter((path) => !isCompiled(path));
const built = filesIn('dist');
const expected = ['index', 'kernels', 'autoencoder', 'arrays'].flatMap((entry) =>
  ['js', 'cjs', 'd.ts', 'd.cts'].map((extension) => join('dist', `${entry}.${extension}`)),
);

const isFresh =
  expected.every((path) => built.includes(path)) &&
  Math.min(...built.map(modified)) > Math.max(...sources.map(modified));
if (!isFresh) execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit' });
