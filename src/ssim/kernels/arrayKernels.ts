import type { KernelBackend, KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { ArrayBackend } from '../../backends/arrayBackend.js';
import { AssemblyEngine } from './assemblyEngine.js';
import { mapShape, SsimBackward, SsimForward, valueShape } from './contract.js';
import type {
  Shape4D,
  SsimBackwardAttrs,
  SsimBackwardInputs,
  SsimForwardAttrs,
  SsimForwardInputs,
} from './contract.js';

/** Both kernels for a backend whose tensors are arrays; none without WebAssembly, with SIMD, or where it is forbidden. */
export function arrayKernels(arrays: ArrayBackend): KernelConfig[] {
  const engine = theEngine();
  if (engine === undefined) return [];
  // tfjs's kernel type knows neither these inputs nor these attributes.
  const config = (kernelName: string, kernelFunc: unknown): KernelConfig => ({
    kernelName,
    backendName: arrays.name,
    kernelFunc: kernelFunc as KernelFunc,
  });
  return [
    config(SsimForward, (params: ForwardParams) => forward(engine, arrays, params)),
    config(SsimBackward, (params: BackwardParams) => backward(engine, arrays, params)),
  ];
}

interface ForwardParams {
  readonly inputs: SsimForwardInputs;
  readonly attrs: SsimForwardAttrs;
  readonly backend: KernelBackend;
}

interface BackwardParams {
  readonly inputs: SsimBackwardInputs;
  readonly attrs: SsimBackwardAttrs;
  readonly backend: KernelBackend;
}

/** If its gradient in yPred is likely to be needed, it is computed with the mean: one pass gives both. */
function forward(
  engine: AssemblyEngine,
  arrays: ArrayBackend,
  { inputs, attrs, backend }: ForwardParams,
): TensorInfo[] {
  const { yTrue, yPred } = inputs;
  const shape = yTrue.shape as unknown as Shape4D;
  const value = arrays.output(backend, valueShape(mapShape(shape, attrs), attrs.form));
  const saved = attrs.gradient && attrs.form === 'mean' ? arrays.output(backend, [...shape]) : undefined;
  const images = { x: arrays.values(backend, yTrue), y: arrays.values(backend, yPred), shape };
  if (saved === undefined) {
    engine.value(images, attrs, arrays.values(backend, value));
    return [value];
  }
  engine.valueAndGradient(images, attrs, arrays.values(backend, value), arrays.values(backend, saved));
  return [value, saved];
}

function backward(
  engine: AssemblyEngine,
  arrays: ArrayBackend,
  { inputs, attrs, backend }: BackwardParams,
): TensorInfo {
  const { yTrue, yPred, dy, saved } = inputs;
  const shape = yTrue.shape as unknown as Shape4D;
  const output = arrays.output(backend, [...shape]);
  const gradient = arrays.values(backend, output);
  const weights = arrays.values(backend, dy);
  if (saved !== undefined && attrs.wrt === 'yPred') {
    const ofMeans = arrays.values(backend, saved);
    const size = gradient.length / shape[0];
    for (let n = 0, k = 0; n < shape[0]; n++) {
      const weight = weights[n]!;
      for (const end = k + size; k < end; k++) gradient[k] = ofMeans[k]! * weight;
    }
  } else {
    const images = { x: arrays.values(backend, yTrue), y: arrays.values(backend, yPred), shape };
    engine.gradient(images, attrs, weights, gradient);
  }
  return output;
}

/** Made at first use; null if this machine does not allow it. */
let made: AssemblyEngine | null | undefined;

function theEngine(): AssemblyEngine | undefined {
  if (made === undefined) {
    try {
      made = new AssemblyEngine();
    } catch {
      made = null;
    }
  }
  return made ?? undefined;
}
