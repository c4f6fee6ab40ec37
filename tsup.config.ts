import { defineConfig } from 'tsup';

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
  external: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'],
});
