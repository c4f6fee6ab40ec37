// Runs in the page that main.ts opens: fused against composed on the GPU backends.
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { getBackend, getKernel, setBackend, tensor4d, tidy, valueAndGrad } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { ssimLoss } from '../../../src/index.js';
import { useFusedKernels } from '../../../src/kernels.js';
import { SsimForward } from '../../../src/ssim/kernels/contract.js';
import { workloadOf } from '../rows/workload.js';
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
    measureBackend: (
      backend: string,
      shape: Shape,
      plan: { readonly runs: number; readonly seconds: number },
    ) => Promise<BrowserSample[] | string>;
  }
}

const variants = [true, false].flatMap((fused) =>
  (['value', 'gradient'] as const).map((mode) => ({ fused, mode })),
);

/** Interleaved; a string says why there is no measurement. */
window.measureBackend = async (backend, shape, { runs, seconds }) => {
  try {
    if (!(await setBackend(backend)) || getBackend() !== backend) return 'not available';
  } catch (error) {
    return (error as Error).message;
  }
  const { x: xData, y: yData } = workloadOf(shape);
  const [x, y] = [xData, yData].map((data) => tensor4d(data, [...shape])) as [Tensor4D, Tensor4D];
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
  x.dispose();
  y.dispose();
  return results;
};

async function call(
  { fused, mode }: { readonly fused: boolean; readonly mode: Mode },
  x: Tensor4D,
  y: Tensor4D,
): Promise<{ milliseconds: number; check: number }> {
  useFusedKernels(fused);
  const start = performance.now();
  if (mode === 'value') {
    const value = tidy(() => ssimLoss(x, y));
    const data = await value.data<'float32'>();
    const milliseconds = performance.now() - start;
    value.dispose();
    return { milliseconds, check: 1 - data.reduce((sum, loss) => sum + loss, 0) / data.length };
  }
  const { value, grad } = valueAndGrad((given: Tensor) => ssimLoss(x, given))(y);
  await value.data();
  const gradient = await grad.data<'float32'>();
  const milliseconds = performance.now() - start;
  value.dispose();
  grad.dispose();
  return { milliseconds, check: Math.sqrt(gradient.reduce((sum, slope) => sum + slope ** 2, 0)) };
}
