import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', kernels: 'src/kernels/index.ts' },
  format: ['esm', 'cjs'],
  target: 'es2020',
  dts: true,
  // Shared code in chunks: both entries see one copy of it.
  splitting: true,
  // By rollup: one import of tfjs-core at the top, and source maps of the CommonJS files without the absolute
  // paths that splitting alone leaves in them.
  treeshake: true,
  sourcemap: true,
  clean: true,
  external: ['@tensorflow/tfjs-core'],
});
