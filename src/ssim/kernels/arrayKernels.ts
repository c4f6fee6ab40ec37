import type { KernelBackend, KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { ArrayBackend } from '../../backends/arrayBackend.js';
import { AssemblyEngine } from './assemblyEngine.js';
import { mapShape, SsimBackward, SsimForward, valueShape } from './contract.js';
import type {
  SsimAttrs,
  SsimBackwardAttrs,
  SsimBackwardInputs,
  SsimForwardAttrs,
  SsimForwardInputs,
} from './contract.js';
import { ScriptEngine } from './scriptEngine.js';
import type { Shape4D, SsimEngine } from './ssimEngine.js';

/** Both kernels for a backend whose tensors are arrays. */
export function arrayKernels(arrays: ArrayBackend): KernelConfig[] {
  // tfjs's kernel type knows neither these inputs nor these attributes.
  const config = (kernelName: string, kernelFunc: unknown): KernelConfig => ({
    kernelName,
    backendName: arrays.name,
    kernelFunc: kernelFunc as KernelFunc,
  });
  return [
    config(SsimForward, (params: ForwardParams) => forward(arrays, params)),
    config(SsimBackward, (params: BackwardParams) => backward(arrays, params)),
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

/** With the mean comes, if it is likely to be wanted, its gradient in yPred: one pass gives both. */
function forward(arrays: ArrayBackend, { inputs, attrs, backend }: ForwardParams): TensorInfo[] {
  const { yTrue, yPred } = inputs;
  const shape = yTrue.shape as unknown as Shape4D;
  const value = arrays.output(backend, valueShape(mapShape(shape, attrs), attrs.form));
  const saved = attrs.gradient && attrs.form === 'mean' ? arrays.output(backend, [...shape]) : undefined;
  const images = { x: arrays.values(backend, yTrue), y: arrays.values(backend, yPred), shape };
  const engine = engineFor(shape, attrs);
  if (saved === undefined) {
    engine.forward(images, attrs, arrays.values(backend, value));
    return [value];
  }
  engine.backward(
    images,
    { ...attrs, wrt: 'yPred' },
    undefined,
    arrays.values(backend, saved),
    arrays.values(backend, value),
  );
  return [value, saved];
}

function backward(arrays: ArrayBackend, { inputs, attrs, backend }: BackwardParams): TensorInfo {
  const { yTrue, yPred, dy, saved } = inputs;
  const shape = yTrue.shape as unknown as Shape4D;
  const output = arrays.output(backend, [...shape]);
  const gradient = arrays.values(backend, output);
  const weights = arrays.values(backend, dy);
  if (saved !== undefined && attrs.wrt === 'yPred') {
    const unit = arrays.values(backend, saved);
    const size = gradient.length / shape[0];
    for (let n = 0, k = 0; n < shape[0]; n++) {
      const weight = weights[n]!;
      for (const end = k + size; k < end; k++) gradient[k] = unit[k]! * weight;
    }
  } else {
    const images = { x: arrays.values(backend, yTrue), y: arrays.values(backend, yPred), shape };
    engineFor(shape, attrs).backward(images, attrs, weights, gradient);
  }
  return output;
}

/** Made at their first use; null for what this machine does not allow. */
let assembly: SsimEngine | null | undefined;
let script: SsimEngine | undefined;

function engineFor(shape: Shape4D, attrs: SsimAttrs): SsimEngine {
  if (assembly === undefined) {
    try {
      assembly = new AssemblyEngine();
    } catch {
      // No WebAssembly, none with SIMD, or a content security policy that forbids it.
      assembly = null;
    }
  }
  if (assembly?.fits(shape, attrs)) return assembly;
  script ??= new ScriptEngine();
  return script;
}
