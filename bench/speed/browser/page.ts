// Runs in the page that main.ts opens: fused against composed on the GPU backends.
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { getBackend, getKernel, setBackend, tidy } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { ssimLoss } from '../../../src/index.js';
import { useFusedKernels } from '../../../src/kernels.js';
import { renderer } from '../../running/renderer.js';
import { SsimForward } from '../../../src/ssim/kernels/contract.js';
import { workloadOf } from '../rows/workload.js';
import { checkOf, read, releaseTensors, tensorsOf } from '../rows/compute.js';
import { modes } from '../rows/row.js';
import type { Mode } from '../rows/row.js';
import type { Shape } from '../rows/shapes.js';

export interface BrowserSample {
  readonly fused: boolean;
  readonly mode: Mode;
  readonly samples: number[];
  /** Mean SSIM, and the norm of the gradient. */
  readonly check: number;
}

declare global {
  interface Window {
    renderer: () => string;
    measureBackend: (
      backend: string,
      shape: Shape,
      plan: { readonly runs: number; readonly seconds: number },
    ) => Promise<BrowserSample[] | string>;
  }
}

const variants = [true, false].flatMap((fused) => modes.map((mode) => ({ fused, mode })));

window.renderer = renderer;

/** Interleaved; a string says why there is no measurement. */
window.measureBackend = async (backend, shape, { runs, seconds }) => {
  try {
    if (!(await setBackend(backend)) || getBackend() !== backend) return 'not available';
  } catch (error) {
    return (error as Error).message;
  }
  const workload = workloadOf(shape);
  const [x, y] = tensorsOf(workload, backend);
  useFusedKernels(true);
  tidy(() => ssimLoss(x, y)); // registers the kernels, where there are any
  const kernel = getKernel(SsimForward, backend) as unknown;
  if (kernel === undefined) return 'has no fused kernels';
  const results: BrowserSample[] = [];
  for (const variant of variants) {
    results.push({ ...variant, samples: [], check: (await call(variant, x, y)).check });
    await call(variant, x, y); // warm: shaders are compiled
  }
  for (let round = 0; round < runs; round++) {
    for (const result of results) {
      const spent = result.samples.reduce((sum, sample) => sum + sample, 0);
      if (round >= 3 && spent > 1000 * seconds) continue;
      result.samples.push((await call(result, x, y)).milliseconds);
    }
  }
  releaseTensors(workload);
  return results;
};

async function call(
  { fused, mode }: { readonly fused: boolean; readonly mode: Mode },
  x: Tensor4D,
  y: Tensor4D,
): Promise<{ milliseconds: number; check: number }> {
  useFusedKernels(fused);
  const start = performance.now();
  const results = await read((given) => ssimLoss(x, given), y, mode);
  return { milliseconds: performance.now() - start, check: checkOf(results) };
}
