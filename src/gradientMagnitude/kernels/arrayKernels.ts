import type { KernelBackend, KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { ArrayBackend } from '../../backends/arrayBackend.js';
import { AssemblyEngine } from './assemblyEngine.js';
import { GmsBackward, GmsForward, isScore, valueShape } from './contract.js';
import type {
  GmsBackwardAttrs,
  GmsBackwardInputs,
  GmsForwardAttrs,
  GmsForwardInputs,
  Shape4D,
} from './contract.js';
import type { ImageArrays } from './weightedImages.js';

interface ForwardParams {
  readonly inputs: GmsForwardInputs;
  readonly attrs: GmsForwardAttrs;
  readonly backend: KernelBackend;
}

interface BackwardParams {
  readonly inputs: GmsBackwardInputs;
  readonly attrs: GmsBackwardAttrs;
  readonly backend: KernelBackend;
}

/** Made at its first use, for all backends; null for what this machine does not allow. */
let made: AssemblyEngine | null | undefined;

function theEngine(): AssemblyEngine | null {
  if (made === undefined) {
    try {
      made = new AssemblyEngine();
    } catch {
      made = null;
    }
  }
  return made;
}

/** Both kernels for a backend whose tensors are arrays; none without WebAssembly, with SIMD, or where it is forbidden. */
export function arrayKernels(arrays: ArrayBackend): KernelConfig[] {
  const engine = theEngine();
  if (engine === null) return [];
  // tfjs's kernel type knows neither these inputs nor these attributes.
  const config = (kernelName: string, kernelFunc: unknown): KernelConfig => ({
    kernelName,
    backendName: arrays.name,
    kernelFunc: kernelFunc as KernelFunc,
  });
  const imagesOf = (backend: KernelBackend, { yTrue, yPred, weights }: GmsForwardInputs): ImageArrays => ({
    shape: yTrue.shape as unknown as Shape4D,
    x: arrays.values(backend, yTrue),
    y: arrays.values(backend, yPred),
    weights: weights && arrays.values(backend, weights),
  });

  /** With one number for each image comes, if it is likely to be wanted, its gradient in yPred: one pass gives both. */
  const forward = ({ inputs, attrs, backend }: ForwardParams): TensorInfo[] => {
    const { shape } = inputs.yTrue;
    const value = arrays.output(backend, valueShape(shape as unknown as Shape4D, attrs));
    const saved = attrs.gradient && isScore(attrs.form) ? arrays.output(backend, [...shape]) : undefined;
    const images = imagesOf(backend, inputs);
    if (saved === undefined) {
      engine.forward(images, attrs, arrays.values(backend, value));
      return [value];
    }
    const gradient = arrays.values(backend, saved);
    engine.backward(images, { ...attrs, wrt: 'yPred' }, undefined, gradient, arrays.values(backend, value));
    return [value, saved];
  };

  const backward = ({ inputs, attrs, backend }: BackwardParams): TensorInfo => {
    const { yTrue, dy, saved } = inputs;
    const output = arrays.output(backend, [...yTrue.shape]);
    const gradient = arrays.values(backend, output);
    const weights = arrays.values(backend, dy);
    if (saved !== undefined && attrs.wrt === 'yPred') {
      const unit = arrays.values(backend, saved);
      const size = gradient.length / weights.length;
      for (let n = 0, k = 0; n < weights.length; n++) {
        const weight = weights[n]!;
        for (const end = k + size; k < end; k++) gradient[k] = unit[k]! * weight;
      }
    } else {
      engine.backward(imagesOf(backend, inputs), attrs, weights, gradient);
    }
    return output;
  };

  return [config(GmsForward, forward), config(GmsBackward, backward)];
}
