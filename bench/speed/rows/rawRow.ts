import { gaussianTaps } from '../../../src/filters/window.js';
import { AssemblyEngine } from '../../../src/ssim/kernels/assemblyEngine.js';
import { checkOf } from './compute.js';
import { modes } from './row.js';
import type { Mode, Prepared, Row } from './row.js';
import type { Workload } from './workload.js';

/** The WebAssembly kernel on arrays, with no tfjs around it. */
function rawKernel({ shape, x, y, windowSize }: Workload): Prepared {
  const engine = new AssemblyEngine();
  const taps = gaussianTaps(windowSize, 1.5);
  const attrs = {
    taps: [taps, taps] as const,
    unit: 1,
    luminance: true,
    c1: 0.01 ** 2,
    c2: 0.03 ** 2,
    varianceScale: 1,
    padding: 'valid' as const,
    form: 'mean' as const,
  };
  const images = { shape, x, y };
  const means = new Float32Array(shape[0]);
  const gradient = new Float32Array(x.length);
  const call = (mode: Mode): void => {
    if (mode === 'value') engine.value(images, attrs, means);
    else engine.gradient(images, { ...attrs, wrt: 'yPred' }, undefined, gradient);
  };
  return {
    check: (mode) => {
      call(mode);
      return Promise.resolve(checkOf([means, mode === 'value' ? undefined : gradient]));
    },
    run: (mode, repeats) => {
      const start = performance.now();
      for (let k = 0; k < repeats; k++) call(mode);
      return Promise.resolve(performance.now() - start);
    },
  };
}

export const rawRow: Row = {
  id: 'raw',
  label: 'ssim-ae, the kernel alone',
  note: 'on arrays, without tfjs',
  exact: true,
  modes: () => modes,
  prepare: (workload) => Promise.resolve(rawKernel(workload)),
};
