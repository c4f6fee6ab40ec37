import { readFile } from 'node:fs/promises';
import { defineConfig } from 'tsup';
import type { Options } from 'tsup';

/** Shaders without the indentation that they have in the sources; esbuild indents the code around them itself. */
const flushLeft: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'flush left',
  setup(build) {
    build.onLoad({ filter: /[/\\](backends|kernels)[/\\]\w+\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/\n +/g, '\n'),
      loader: 'ts',
    }));
  },
};

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    kernels: 'src/kernels.ts',
    autoencoder: 'src/autoencoder.ts',
    arrays: 'src/arrays.ts',
  },
  format: ['esm', 'cjs'],
  target: 'es2020',
  dts: true,
  // Shared code in chunks: both entries see one copy of it.
  splitting: true,
  // By rollup: one import of tfjs-core at the top.
  treeshake: true,
  // No source maps: they are twice as large as the code, which is not minified and keeps its names.
  clean: true,
  esbuildPlugins: [flushLeft],
  external: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'],
});
