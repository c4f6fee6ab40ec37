import '@tensorflow/tfjs-layers'; // registers tfjs's own gradients
import { add, fill, tensor4d, tidy, valueAndGrad } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { ssimLoss } from '../../../src/index.js';
import { useFusedKernels } from '../../../src/kernels.js';
import { rawRow } from '../rows/rawRow.js';
import { modes } from '../rows/row.js';
import type { Mode, Prepared, Row } from '../rows/row.js';
import { pixelsOf } from '../rows/shapes.js';
import type { Workload } from '../rows/workload.js';

/** Waits until the GPU has done all that it was asked for. Reading the results would take longer than the work. */
async function finish(): Promise<void> {
  // The queue keeps the order, and what is read ends a submission.
  const last = fill([1], 1);
  await last.data();
  last.dispose();
}

type Pair = readonly [Tensor4D, Tensor4D];
const tensors = new Map<Workload, Pair>();

/** The images of a workload on the GPU, one pair for all rows. */
function tensorsOf(workload: Workload): Pair {
  const known = tensors.get(workload);
  if (known !== undefined) return known;
  const shape = [...workload.shape] as [number, number, number, number];
  const pair: Pair = [tensor4d(workload.x, shape), tensor4d(workload.y, shape)];
  tensors.set(workload, pair);
  return pair;
}

export function release(workload: Workload): void {
  for (const tensor of tensors.get(workload) ?? []) tensor.dispose();
  tensors.delete(workload);
}

/** The value, and the gradient where it is asked for. */
function compute([x, y]: Pair, mode: Mode): Tensor[] {
  if (mode === 'value') return [tidy(() => ssimLoss(x, y))];
  const { value, grad } = valueAndGrad((given: Tensor) => ssimLoss(x, given))(y);
  return [value, grad];
}

function prepared(pair: Pair, fused: boolean): Prepared {
  return {
    check: async (mode) => {
      useFusedKernels(fused);
      const [value, gradient] = compute(pair, mode) as [Tensor, Tensor?];
      const data = await (gradient ?? value).data<'float32'>();
      value.dispose();
      gradient?.dispose();
      return mode === 'value'
        ? 1 - data.reduce((sum, loss) => sum + loss, 0) / data.length
        : Math.sqrt(data.reduce((sum, slope) => sum + slope ** 2, 0));
    },
    run: async (mode, repeats) => {
      useFusedKernels(fused);
      const start = performance.now();
      for (let k = 0; k < repeats; k++) for (const tensor of compute(pair, mode)) tensor.dispose();
      await finish();
      return performance.now() - start;
    },
  };
}

const ssimRow = (id: string, label: string, fused: boolean): Row => ({
  id,
  label,
  exact: true,
  modes: () => modes,
  prepare: (workload) => Promise.resolve(prepared(tensorsOf(workload), fused)),
});

/** The sum of both images: what no operation on them can undercut. */
const sumRow: Row = {
  id: 'sum',
  label: 'tf.add of both images',
  note: 'reads both images and writes one: what memory allows',
  exact: false,
  modes: () => ['value'],
  prepare: (workload) => {
    const [x, y] = tensorsOf(workload);
    return Promise.resolve({
      check: () => Promise.resolve(undefined),
      run: async (_, repeats) => {
        const start = performance.now();
        for (let k = 0; k < repeats; k++) add(x, y).dispose();
        await finish();
        return performance.now() - start;
      },
    });
  },
};

/** The kernel on this machine's processor checks what the GPU computes. */
export const gpuRows: readonly Row[] = [
  ssimRow('fused-webgpu', 'ssim-ae, webgpu', true),
  ssimRow('composed-webgpu', 'ssim-ae without fused kernels, webgpu', false),
  sumRow,
  { ...rawRow, label: 'ssim-ae, on one core of the processor' },
];

/** Gigabytes a second that the sum of both images moves in so many milliseconds. */
export const bandwidthOf = ({ shape }: Workload, milliseconds: number): number =>
  (3 * 4 * pixelsOf(shape)) / milliseconds / 1e6;
