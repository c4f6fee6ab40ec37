import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers tfjs's own gradients, for the naive rows
import { findBackendFactory, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { ssimLoss } from '../../../src/index.js';
import { useFusedKernels } from '../../../src/kernels.js';
import { blocked, naiveConv, naiveDepthwise, separable } from './compositions.js';
import { checkOf, read, releaseTensors, tensorsOf } from './compute.js';
import type { Workload } from './workload.js';
import { modes } from './row.js';
import type { Mode, Prepared, Row } from './row.js';
import type { Shape } from './shapes.js';

type Backend = 'cpu' | 'wasm';
// A convolution on wasm takes a table of 4 bytes for each pixel and tap, and the heap ends at 4 GiB.
const separableMost = { value: 2048 ** 2, gradient: 2048 ** 2 };
const naiveMost = { value: 2048 ** 2, gradient: 1024 ** 2 };

type LossOf = (
  window: Pick<Workload, 'windowSize' | 'windowType'>,
  mode: Mode,
) => (x: Tensor4D, y: Tensor4D) => Tensor1D;

/**
 * Frees the images of a workload, and the wasm backend with the tables that it keeps for every shape that it
 * has convolved: the next workload starts a new one.
 */
export function release(workload: Workload): void {
  releaseTensors(workload);
  const factory = findBackendFactory('wasm');
  removeBackend('wasm');
  registerBackend('wasm', factory, 2);
}

async function activate(backend: Backend, fused: boolean): Promise<void> {
  if (!(await setBackend(backend))) throw new Error(`the ${backend} backend did not start`);
  useFusedKernels(fused);
}

async function prepare(
  workload: Workload,
  backend: Backend,
  fused: boolean,
  lossOf: LossOf,
): Promise<Prepared> {
  await activate(backend, fused);
  const [x, y] = tensorsOf(workload, backend);
  const losses = Object.fromEntries(
    modes.map((mode) => {
      const loss = lossOf(workload, mode);
      return [mode, (given: Tensor4D) => loss(x, given)];
    }),
  ) as Record<Mode, (y: Tensor4D) => Tensor1D>;
  return {
    check: async (mode) => {
      await activate(backend, fused);
      return checkOf(await read(losses[mode], y, mode));
    },
    run: async (mode, repeats) => {
      await activate(backend, fused);
      const loss = losses[mode];
      const start = performance.now();
      for (let k = 0; k < repeats; k++) await read(loss, y, mode);
      return performance.now() - start;
    },
  };
}

function tfjsRow(
  id: string,
  label: string,
  backend: Backend,
  lossOf: LossOf,
  more: { fused?: boolean; modes?: (shape: Shape) => readonly Mode[] } & Pick<Row, 'note' | 'most'> = {},
): Row {
  return {
    id,
    label,
    exact: true,
    modes: more.modes ?? (() => modes),
    prepare: (workload) => prepare(workload, backend, more.fused ?? false, lossOf),
    ...(more.note === undefined ? {} : { note: more.note }),
    ...(more.most === undefined ? {} : { most: more.most }),
  };
}

const library: LossOf =
  ({ windowSize, windowType = 'gaussian' }) =>
  (x, y) =>
    ssimLoss(x, y, { windowSize, windowType });

export const libraryRows: readonly Row[] = [
  tfjsRow('fused-wasm', 'ssim-ae, wasm', 'wasm', library, { fused: true }),
  tfjsRow('fused-cpu', 'ssim-ae, cpu', 'cpu', library, { fused: true }),
  tfjsRow('composed-wasm', 'ssim-ae without fused kernels, wasm', 'wasm', library, { most: separableMost }),
  tfjsRow('composed-cpu', 'ssim-ae without fused kernels, cpu', 'cpu', library),
];

export const compositionRows: readonly Row[] = [
  tfjsRow('blocked-wasm', 'tfjs ops, blocked, wasm', 'wasm', () => blocked, {
    note: 'composed of tfjs ops, laid out for the matrix product; gradient in closed form',
  }),
  tfjsRow('separable-wasm', 'tfjs ops, separable, wasm', 'wasm', () => separable, {
    most: separableMost,
    note: 'composed of tfjs ops, one axis after the other; gradient in closed form',
  }),
  tfjsRow('separable-cpu', 'tfjs ops, separable, cpu', 'cpu', () => separable),
  tfjsRow(
    'naive-wasm',
    'tfjs ops, naive, wasm',
    'wasm',
    (_, mode) => (mode === 'value' ? naiveDepthwise : naiveConv),
    {
      // The wasm backend lacks the gradient of a depthwise convolution.
      modes: ([, , , channels]) => (channels === 1 ? modes : ['value']),
      most: naiveMost,
      note: 'one 11×11 convolution for each map, and autodiff',
    },
  ),
  tfjsRow('naive-cpu', 'tfjs ops, naive, cpu', 'cpu', () => naiveDepthwise),
];
