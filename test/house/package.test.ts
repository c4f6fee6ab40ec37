import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';
import type { Plugin } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from './support/examples.js';
import { installPackage } from './support/installed.js';
import type { InstalledPackage } from './support/installed.js';
import { entries, exportedValues, root } from './support/source.js';

interface Manifest {
  readonly sideEffects?: unknown;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const runFile = promisify(execFile);
const names = Object.values(entries).map((entry) => exportedValues(entry).map(({ name }) => name));

/** A project that installed the tarball, and tfjs-core beside it. */
let project: string;
/** The package in it. */
let installed: string;

beforeAll(() => {
  ({ project, installed } = installPackage());
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

function packedFiles(): string[] {
  return readdirSync(installed, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(installed, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

describe('tarball', () => {
  test('holds the built entries and their types, and what every package has; besides these only docs', () => {
    const files = packedFiles();
    const folders = ['kernels', 'autoencoder', 'arrays'].map((folder) => `${folder}/package.json`);
    const built = ['index', 'kernels', 'autoencoder', 'arrays'].flatMap((entry) =>
      ['cjs', 'd.cts', 'd.ts', 'js'].map((extension) => `dist/${entry}.${extension}`),
    );
    expect(files).toEqual(expect.arrayContaining([...built, 'LICENSE', 'package.json', ...folders]));
    const others = files.filter(
      (path) =>
        !built.includes(path) &&
        !['LICENSE', 'package.json', ...folders, 'README.md', 'CHANGELOG.md'].includes(path) &&
        !/^docs\/([\w-]+\.md|images\/[\w-]+\.(png|svg|webp))$/.test(path) &&
        !/^dist\/chunk-[A-Z0-9]+\.c?js$/.test(path) &&
        // What the types of several entries share.
        !/^dist\/\w+-[\w-]+\.d\.c?ts$/.test(path),
    );
    expect(others).toEqual([]);
  });

  test('is small, pictures included', () => {
    const sizes = packedFiles().map((path) => statSync(join(installed, path)).size);
    expect(sizes.reduce((total, size) => total + size, 0)).toBeLessThan(2_000_000);
    expect(sizes.length).toBeLessThan(65);
  });

  test('promises no source map', () => {
    for (const path of packedFiles().filter((name) => name.startsWith('dist/'))) {
      expect(readFileSync(join(installed, path), 'utf8'), path).not.toContain('sourceMappingURL');
    }
  });

  test('names no path of the machine that made it', () => {
    for (const path of packedFiles().filter((name) => /\.(c?js|c?ts|map|json|md)$/.test(name))) {
      const text = readFileSync(join(installed, path), 'utf8');
      expect(text.includes(root), path).toBe(false);
      expect(text, path).not.toMatch(/file:\/\/|["'(\s](\/(home|Users|root|work|tmp|mnt)\/|[A-Z]:\\\\)/);
    }
  });

  test('needs tfjs-core beside it, tfjs-layers for one entry, and nothing else', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest;
    expect(manifest.peerDependencies).toEqual({
      '@tensorflow/tfjs-core': '^4.0.0',
      '@tensorflow/tfjs-layers': '^4.0.0',
    });
    expect(manifest['peerDependenciesMeta']).toEqual({ '@tensorflow/tfjs-layers': { optional: true } });
    for (const field of [
      'dependencies',
      'optionalDependencies',
      'bundleDependencies',
      'bundledDependencies',
    ]) {
      expect(manifest[field], field).toBeUndefined();
    }
    expect(manifest.sideEffects).toBe(false);
    expect(Object.keys(manifest.exports)).toEqual([
      '.',
      './kernels',
      './autoencoder',
      './arrays',
      './package.json',
    ]);
  });

  test('a resolver that knows no "exports" finds the same files by a package.json in a folder', () => {
    const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest;
    for (const [path, conditions] of Object.entries(exports)) {
      if (path.endsWith('.json')) continue;
      const { import: forImport, require: forRequire } = conditions as {
        readonly [condition in 'import' | 'require']: { readonly types: string; readonly default: string };
      };
      const manifest = JSON.parse(readFileSync(join(installed, path, 'package.json'), 'utf8')) as Readonly<
        Record<string, string>
      >;
      const found = ['main', 'module', 'types'].map((field) => posix.join(path, manifest[field]!));
      const expected = [forRequire.default, forImport.default, forRequire.types];
      expect(found, path).toEqual(expected.map((target) => posix.normalize(target)));
    }
  });
});

describe('shipped pages', () => {
  const pages = (): string[] => packedFiles().filter((path) => path.endsWith('.md'));
  const textOf = (page: string): string => readFileSync(join(installed, page), 'utf8');

  test('every picture and every page that they lead to is shipped', () => {
    const files = packedFiles();
    const lost = pages().flatMap((page) => {
      const text = blocksOf(textOf(page)).reduce((rest, { code }) => rest.replace(code, ''), textOf(page));
      const targets = [
        ...text.matchAll(/\]\(<?([^)>\s]+)/g), // [text](target), ![text](target)
        ...text.matchAll(/^ {0,3}\[[^\]]+\]:[ \t]+<?([^>\s]+)>?(?: +".*")? *$/gm), // [name]: target
        ...text.matchAll(/\b(?:src|href|srcset)="([^"\s]+)/g), // HTML
      ].map(([, target]) => decodeURI(target!.replace(/#.*/, '')));
      return targets
        .filter((target) => target !== '' && !/^[a-z][a-z+.-]*:/i.test(target))
        .map((target) => posix.join(posix.dirname(page), target))
        .filter((target) => !files.includes(target))
        .map((target) => `${page} leads to ${target}`);
    });
    expect(lost).toEqual([]);
  });

  test('before they name a script of the repository, they say that a clone has it', () => {
    const scripts = /\bnpm (run|ci|test)\b|\bnpx (tsx|vitest) (bench|test)\b|\bbench\/\w/;
    const silent = pages().flatMap((page) => {
      const [text, clone] = [textOf(page), /\bclone\s+of\s+(the|this)\s+repository\b/i];
      const [first, said] = [scripts.exec(text), clone.exec(text)];
      if (first === null || (said !== null && said.index < first.index + 200)) return [];
      return [`${page}, line ${text.slice(0, first.index).split('\n').length}: ${first[0]}`];
    });
    expect(silent).toEqual([]);
  });
});

/** One number that must come out the same whichever way the package is imported. */
const use = `
const image = tf.tensor4d(Float32Array.from({ length: 256 }, (_, i) => (i * 37 % 101) / 101), [1, 16, 16, 1]);
const value = ssim(image, tf.sub(1, image)).dataSync()[0];
if (!(value < -0.5 && value >= -1)) throw new Error('ssim of an inverted image: ' + value);
registerWasmTraining();
`;

describe('a project that installed it', () => {
  const write = (name: string, text: string): string => {
    const path = join(project, name);
    writeFileSync(path, text);
    return path;
  };
  const node = async (name: string, text: string): Promise<string> =>
    (await runFile(process.execPath, [write(name, text)], { cwd: project })).stdout.trim();
  const exported = `
const list = (module) => Object.keys(module).filter((name) => name !== 'default' && name !== '__esModule').sort();
console.log(JSON.stringify([list(library), list(kernels), list(autoencoder), list(arrays)]));
`;
  const expected = JSON.stringify(names.map((list) => [...list].sort()));

  test('imports it as an ES module', async () => {
    const script = `
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as library from 'ssim-ae';
import * as kernels from 'ssim-ae/kernels';
import * as autoencoder from 'ssim-ae/autoencoder';
import * as arrays from 'ssim-ae/arrays';
import { ssim } from 'ssim-ae';
import { registerWasmTraining } from 'ssim-ae/kernels';
${use}${exported}`;
    expect(await node('module.mjs', script)).toBe(expected);
  });

  test('requires it as a CommonJS module', async () => {
    const script = `
require('@tensorflow/tfjs-backend-cpu');
const tf = require('@tensorflow/tfjs-core');
const library = require('ssim-ae');
const kernels = require('ssim-ae/kernels');
const autoencoder = require('ssim-ae/autoencoder');
const arrays = require('ssim-ae/arrays');
const { ssim } = library;
const { registerWasmTraining } = kernels;
${use}${exported}`;
    expect(await node('module.cjs', script)).toBe(expected);
  });

  test('reaches package.json, and no file that is not exported', async () => {
    const script = `
const reach = (path) => { try { return typeof require(path); } catch (error) { return error.code; } };
console.log(['ssim-ae/package.json', 'ssim-ae/dist/index.cjs', 'ssim-ae/losses'].map(reach).join());`;
    expect(await node('reach.cjs', script)).toBe(
      'object,ERR_PACKAGE_PATH_NOT_EXPORTED,ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });
});

describe('a project without tfjs', () => {
  let alone: InstalledPackage;
  beforeAll(() => {
    alone = installPackage();
    rmSync(join(alone.project, 'node_modules', '@tensorflow'));
  });
  afterAll(() => {
    rmSync(alone.project, { recursive: true, force: true });
  });

  const use = `
const x = { data: Uint8Array.from({ length: 1024 }, (_, k) => (k * 37) % 256), width: 16, height: 16 };
const y = { ...x, data: x.data.map((value) => 255 - value) };
const value = ssim(x, y);
if (!(value < -0.5 && value >= -1)) throw new Error('ssim of an inverted image: ' + value);
const { regions } = connectedRegions([1, 0, 0, 1], { height: 1, width: 4 });
`;
  const run = async (name: string, text: string): Promise<string> => {
    writeFileSync(join(alone.project, name), text);
    return (
      await runFile(process.execPath, [join(alone.project, name)], { cwd: alone.project })
    ).stdout.trim();
  };

  test('imports and requires ssim-ae/arrays, and nothing else of it', async () => {
    const names = '{ connectedRegions, ssim }';
    const print = 'console.log(regions.length);';
    const code = `${use}${print}`;
    expect(await run('a.mjs', `import ${names} from 'ssim-ae/arrays';${code}`)).toBe('2');
    expect(await run('a.cjs', `const ${names} = require('ssim-ae/arrays');${code}`)).toBe('2');
    const missing = `import('ssim-ae').catch(({ code }) => console.log(code));`;
    expect(await run('b.mjs', missing)).toBe('ERR_MODULE_NOT_FOUND');
  });

  test.each(['ts', 'mts', 'cts'])('its types need none, checked in a .%s file', async (extension) => {
    const file = join(alone.project, `types.${extension}`);
    writeFileSync(
      file,
      `import { connectedRegions, ssim } from 'ssim-ae/arrays';
import type { ImageArray, SsimOptions } from 'ssim-ae/arrays';
const options: SsimOptions = { color: 'channels', downsample: 'auto', windowSize: 7 };
const image: ImageArray = new ImageData(16, 16);
export const value: number = ssim(image, { data: new Float64Array(256), width: 16, height: 16 }, options);
export const regions = connectedRegions([1], { height: 1, width: 1 }).regions;
// @ts-expect-error: no such option
ssim(image, image, { colour: 'luma' });
`,
    );
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const compilerOptions = { noEmit: true, strict: true, module: 'node16', target: 'es2022', types: [] };
    const config = join(alone.project, `tsconfig.${extension}.json`);
    writeFileSync(config, JSON.stringify({ compilerOptions, files: [file] }));
    const { stdout } = await runFile(process.execPath, [tsc, '-p', config]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout.trim()).toBe('');
  });
});

describe('bundle', () => {
  interface BundleSettings {
    readonly minify?: boolean;
    readonly trustManifest?: boolean;
  }

  /** What esbuild makes of `code` in the project, tfjs left outside. */
  async function bundle(code: string, settings: BundleSettings = {}): Promise<string> {
    const { minify = false, trustManifest = true } = settings;
    // Says of every file that it may have side effects, whatever package.json promises.
    const distrust: Plugin = {
      name: 'distrust',
      setup: (on) => {
        on.onResolve({ filter: /^ssim-ae/ }, ({ path }) => ({
          path: join(installed, 'dist', path === 'ssim-ae' ? 'index.js' : `${path.split('/')[1]}.js`),
          sideEffects: true,
        }));
      },
    };
    const result = await build({
      stdin: { contents: code, resolveDir: project, loader: 'js' },
      bundle: true,
      minify,
      write: false,
      format: 'esm',
      target: 'es2020',
      external: ['@tensorflow/*'],
      plugins: trustManifest ? [] : [distrust],
      legalComments: 'none',
      logLevel: 'silent', // it warns of bare imports that it drops; errors are thrown
    });
    // Once more as TypeScript: esbuild then leaves out what is imported from outside and unused, as it does by
    // itself where tfjs is part of the bundle.
    const { code: used } = await transform(result.outputFiles[0]!.text, {
      loader: 'ts',
      minify,
      target: 'es2020',
    });
    return used;
  }

  test.each(Object.keys(entries))('a bare import of %s leaves nothing', async (entry) => {
    expect(await bundle(`import '${entry}';`)).toBe('');
  });

  test.each(Object.keys(entries))(
    '%s does nothing when it is loaded, even if package.json did not say so',
    async (entry) => {
      const text = await bundle(`import '${entry}';`, { minify: true, trustManifest: false });
      // What is left may bind numbers to names, such as 2 ** -126, which esbuild does not fold.
      expect(text.replaceAll(/\bvar( ?\w+=[\d*.e-]+[,;])+/g, '').trim()).toBe('');
    },
  );

  test.each([
    ['ssimLoss', 'ssim-ae', 23],
    ['l2Loss', 'ssim-ae', 6.3],
    ['ssim', 'ssim-ae/arrays', 9.0],
  ])('%s of %s adds no more than %d kB to a project, gzipped, tfjs apart', async (name, entry, most) => {
    const text = await bundle(`export { ${name} } from '${entry}';`, { minify: true });
    const size = gzipSync(text, { level: 9 }).length / 1000;
    expect(size).toBeLessThan(most);
    // So that the bound stays near what it is.
    expect(size).toBeGreaterThan(0.85 * most);
  });

  test('l2Loss brings no code of SSIM, ssimLoss none of the others', async () => {
    const [l2, ssimOnly] = await Promise.all(
      ['l2Loss', 'ssimLoss'].map((name) => bundle(`export { ${name} } from 'ssim-ae';`, { minify: true })),
    );
    expect(l2).toContain('l2Loss');
    // Names of options are there in the hints of errors.
    expect(l2).not.toMatch(/SsimAe(?!Pixels)|conv2d|luminance|posterior|vec2/);
    expect(ssimOnly).toContain('windowSize');
    expect(ssimOnly).not.toMatch(/l1Loss|l2Loss|vae|posterior|randomNormal|Conv2DBackpropFilter/);
  });

  test('it imports nothing but tfjs-core, and tfjs-layers for what trains; arrays not even that', async () => {
    const expected: Readonly<Record<string, readonly string[]>> = {
      'ssim-ae/arrays': [],
      'ssim-ae/autoencoder': ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'],
    };
    for (const entry of Object.keys(entries)) {
      const text = await bundle(`export * from '${entry}';`);
      const modules = [...text.matchAll(/^(?:import|\} from|export .* from)\b[^"]*"([^"]+)";/gm)];
      expect(new Set(modules.map(([, module]) => module))).toEqual(
        new Set(expected[entry] ?? ['@tensorflow/tfjs-core']),
      );
      expect(text).not.toMatch(/\brequire\(|\bimport\(/);
    }
  });
});
