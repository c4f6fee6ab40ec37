import { customGrad, engine, grad, zeros, zerosLike } from '@tensorflow/tfjs-core';
import type { KernelConfig, KernelFunc, NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import { added } from '../operations/elementwise.js';

/**
 * Two kernels for a value of two images, by name.
 *
 * `forward`: {yTrue, yPred, weights?} → [value] or, where its attribute `gradient` is true, [value, saved]
 * `backward`: {yTrue, yPred, weights?, dy, saved?} → [gradient], with the attribute `wrt`, 'yTrue' or 'yPred'
 */
export interface KernelPair {
  readonly forward: string;
  readonly backward: string;
}

/** Both for a backend, of functions of whose inputs and attributes tfjs's kernel type knows nothing. */
export function configsOf(
  { forward, backward }: KernelPair,
  backendName: string,
  forwardFunc: unknown,
  backwardFunc: unknown,
): KernelConfig[] {
  return [
    { kernelName: forward, backendName, kernelFunc: forwardFunc as KernelFunc },
    { kernelName: backward, backendName, kernelFunc: backwardFunc as KernelFunc },
  ];
}

/** Two images, and the weights of their pixels, into which no gradient flows. */
export interface ComparedImages {
  readonly yTrue: Tensor;
  readonly yPred: Tensor;
  readonly weights?: Tensor | undefined;
}

/**
 * The kernels' value, with a gradient of each image that is computed only where it is asked for: tfjs calls
 * the gradient of a whole op for any of its inputs, so each image has an op of its own. `composed` is the same out of ops.
 */
export function valueByKernels<Images extends ComparedImages>(
  kernels: KernelPair,
  images: Images,
  attrs: object,
  composed: (images: Images) => Tensor,
): Tensor {
  const { yTrue, yPred, weights } = images;
  const constants = weights === undefined ? [] : [weights];
  const gradientOf = (
    wrt: 'yTrue' | 'yPred',
    dy: Tensor,
    kept: readonly Tensor[],
    saved?: Tensor,
  ): Tensor => {
    const [x, y, weightsAgain] = kept as [Tensor, Tensor, Tensor | undefined];
    const given = { ...images, yTrue: x, yPred: y, weights: weightsAgain };
    // For a gradient of the gradient tfjs must see ops that it can follow.
    if (tapeIsOn()) return grad((image) => composed({ ...given, [wrt]: image }))(given[wrt], dy);
    const inputs = { ...inputsOf(given), dy, ...(saved && { saved }) };
    return run(kernels.backward, inputs, { ...attrs, wrt })[0]!;
  };

  const gradient = tapeIsOn();
  const value = customGrad((y, save) => {
    const kept = [yTrue, y as Tensor, ...constants];
    const inputs = inputsOf({ ...images, yPred: y as Tensor });
    const [result, ...saved] = run(kernels.forward, inputs, { ...attrs, gradient });
    (save as (tensors: Tensor[]) => void)([...kept, ...saved]);
    return {
      value: result!,
      gradFunc: (dy, again) => gradientOf('yPred', dy, again.slice(0, kept.length), again[kept.length]),
    };
  })(yPred);
  if (!gradient) return value;

  const nothing = customGrad((x, ...more) => {
    const save = more.pop() as unknown as (tensors: Tensor[]) => void;
    save([x as Tensor, yPred, ...constants]);
    return {
      value: zeros(value.shape),
      gradFunc: (dy, again) => [gradientOf('yTrue', dy, again), ...again.slice(2).map(zerosLike)],
    };
  })(yTrue, ...constants);
  return added(value, nothing);
}

function inputsOf({ yTrue, yPred, weights }: ComparedImages): NamedTensorMap {
  return { yTrue, yPred, ...(weights && { weights }) };
}

function run(kernel: string, inputs: NamedTensorMap, attrs: object): Tensor[] {
  const result = engine().runKernel<Tensor | Tensor[]>(kernel, inputs, attrs as NamedAttrMap);
  return Array.isArray(result) ? result : [result];
}

/** Whether tfjs records what runs now, for a gradient. */
function tapeIsOn(): boolean {
  return engine().state.gradientDepth > 0;
}
