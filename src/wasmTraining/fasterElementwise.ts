import { Greater, LeakyRelu, Select, Sum } from '@tensorflow/tfjs-core';
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { instantiate } from '../backends/instantiate.js';
import type { WasmBackend } from '../backends/wasm.js';
import { elementwiseCode } from './assembly/elementwiseCode.js';
import { addressOf, memoryOf } from './backendMemory.js';
import { faster } from './faster.js';

/** What assembly/elementwise.ts exports. */
interface ElementwiseModule {
  leakyRelu(x: number, y: number, count: number, alpha: number): void;
  greater(x: number, y: number, count: number, limit: number): void;
  select(condition: number, first: number, second: number, y: number, count: number): void;
  columnSums(x: number, y: number, rows: number, columns: number): void;
}

interface Params {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly attrs: {
    readonly alpha?: number;
    readonly axis?: number | readonly number[];
    readonly keepDims?: boolean;
  };
  readonly backend: WasmBackend;
}

type Run = (params: Params, module: ElementwiseModule) => TensorInfo | undefined;

const sizeOf = ({ shape }: TensorInfo): number => shape.reduce((size, length) => size * length, 1);
const isFloat = ({ dtype }: TensorInfo): boolean => dtype === 'float32';
const isSameShape = (a: TensorInfo, b: TensorInfo): boolean =>
  a.shape.length === b.shape.length && a.shape.every((length, axis) => length === b.shape[axis]);

const leakyRelu: Run = ({ inputs, attrs, backend }, module) => {
  const x = inputs['x']!;
  if (!isFloat(x)) return undefined;
  const y = backend.makeOutput(x.shape, 'float32');
  module.leakyRelu(addressOf(backend, x), addressOf(backend, y), sizeOf(x), attrs.alpha!);
  return y;
};

/** Of many numbers and a single one. */
const greater: Run = ({ inputs, backend }, module) => {
  const [a, b] = [inputs['a']!, inputs['b']!];
  if (!isFloat(a) || !isFloat(b) || sizeOf(b) !== 1 || b.shape.length > a.shape.length) return undefined;
  const y = backend.makeOutput(a.shape, 'bool');
  const limit = backend.typedArrayFromHeap(b)[0]!;
  module.greater(addressOf(backend, a), addressOf(backend, y), sizeOf(a), limit);
  return y;
};

const select: Run = ({ inputs, backend }, module) => {
  const [condition, t, e] = [inputs['condition']!, inputs['t']!, inputs['e']!];
  if (condition.dtype !== 'bool' || !isFloat(t) || !isFloat(e)) return undefined;
  if (!isSameShape(condition, t) || !isSameShape(t, e)) return undefined;
  const y = backend.makeOutput(t.shape, 'float32');
  const [which, first, second, to] = [condition, t, e, y].map((info) => addressOf(backend, info)) as [
    number,
    number,
    number,
    number,
  ];
  module.select(which, first, second, to, sizeOf(t));
  return y;
};

/** Over all axes but the last: the gradient of a bias. */
const sum: Run = ({ inputs, attrs: { axis, keepDims }, backend }, module) => {
  const x = inputs['x']!;
  const axes = typeof axis === 'number' ? [axis] : (axis ?? []);
  const rank = x.shape.length;
  const isOfRows = rank > 1 && axes.length === rank - 1 && axes.every((each, k) => each === k);
  if (!isFloat(x) || !isOfRows || keepDims === true) return undefined;
  const columns = x.shape[rank - 1]!;
  if (columns === 0) return undefined;
  const y = backend.makeOutput([columns], 'float32');
  module.columnSums(addressOf(backend, x), addressOf(backend, y), sizeOf(x) / columns, columns);
  return y;
};

/** Kernels in place of tfjs's own, by name: a leaky ReLU, what its gradient consists of, and the gradient of a bias. */
export const fasterElementwise = (): [string, (own: KernelConfig) => KernelConfig][] =>
  (
    [
      [LeakyRelu, leakyRelu],
      [Greater, greater],
      [Select, select],
      [Sum, sum],
    ] as const
  ).map(([name, run]) => [
    name,
    (own) =>
      faster(own, (params: Params) => {
        const module = moduleOn(params.backend);
        return module && run(params, module);
      }),
  ]);

let latest:
  { readonly memory: WebAssembly.Memory; readonly module: ElementwiseModule | undefined } | undefined;

function moduleOn(backend: WasmBackend): ElementwiseModule | undefined {
  const memory = memoryOf(backend);
  if (memory === undefined) return undefined;
  if (latest?.memory !== memory) latest = { memory, module: made(memory) };
  return latest.module;
}

function made(memory: WebAssembly.Memory): ElementwiseModule | undefined {
  try {
    return instantiate<ElementwiseModule>(elementwiseCode, { env: { memory } });
  } catch {
    return undefined;
  }
}
