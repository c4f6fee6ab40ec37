import '@tensorflow/tfjs-layers'; // registers tfjs's own gradients
import { add, fill } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { ssimLoss } from '../../../src/index.js';
import { useFusedKernels } from '../../../src/kernels.js';
import { checkOf, compute, read, tensorsOf } from '../rows/compute.js';
import type { Pair } from '../rows/compute.js';
import { rawRow } from '../rows/rawRow.js';
import { modes } from '../rows/row.js';
import type { Prepared, Row } from '../rows/row.js';
import { pixelsOf } from '../rows/shapes.js';
import type { Workload } from '../rows/workload.js';

/** Waits until the GPU has done all that it was asked for. Reading the results would take longer than the work. */
async function finish(): Promise<void> {
  // The queue keeps the order, and what is read ends a submission.
  const last = fill([1], 1);
  await last.data();
  last.dispose();
}

function prepared([x, y]: Pair, fused: boolean): Prepared {
  const loss = (given: Tensor4D): Tensor => ssimLoss(x, given);
  return {
    check: async (mode) => {
      useFusedKernels(fused);
      return checkOf(await read(loss, y, mode));
    },
    run: async (mode, repeats) => {
      useFusedKernels(fused);
      const start = performance.now();
      for (let k = 0; k < repeats; k++) for (const tensor of compute(loss, y, mode)) tensor?.dispose();
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
  prepare: (workload) => Promise.resolve(prepared(tensorsOf(workload, 'webgpu'), fused)),
});

/** The sum of both images: what no operation on them can undercut. */
const sumRow: Row = {
  id: 'sum',
  label: 'tf.add of both images',
  note: 'reads both images and writes one: what memory allows',
  exact: false,
  modes: () => ['value'],
  prepare: (workload) => {
    const [x, y] = tensorsOf(workload, 'webgpu');
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
