import { customGrad, engine, grad, zeros } from '@tensorflow/tfjs-core';
import type { NamedAttrMap, NamedTensorMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { added, complement, scaled } from '../operations/elementwise.js';
import { meanOverChannels, meanPerImage } from '../operations/reductions.js';
import { gmsDistanceMaps, gmsWeights, meanGmsDistances } from './gmsDistance.js';
import type { GmsRequest } from './gmsDistance.js';
import { GmsBackward, GmsForward } from './kernels/contract.js';
import type { GmsAttrs, GmsForm } from './kernels/contract.js';
import { fusedGmsAttrs } from './kernels/fusedGms.js';
import { planeDeviation } from './planeDeviation.js';

/** What of the distances is wanted, at how many levels, and how often the images are halved before the first. */
interface Wanted {
  readonly form: GmsForm;
  readonly first: number;
  readonly levels: number;
}

/**
 * What the family gives, in the form asked for: by the active backend's fused kernels, else composed. The one place
 * that chooses; the composition is the definition.
 */
export function gmsValue<T extends Tensor>(
  request: GmsRequest,
  form: GmsForm,
  { first = 0, levels = 1 }: { readonly first?: number; readonly levels?: number } = {},
): T {
  const wanted = { form, first, levels };
  const attrs = fusedGmsAttrs(request.yTrue, request.options, wanted);
  return (attrs === undefined ? composed(request, wanted) : fused(request, attrs)) as T;
}

/** The means over channels of 1 − GMS at each of so many sizes, [N, H', W', 1]. */
export function gmsResiduals(request: GmsRequest, levels: number): readonly Tensor4D[] {
  const all = Array.from({ length: levels }, (_, first) =>
    fusedGmsAttrs(request.yTrue, request.options, { form: 'residual', first, levels: 1 }),
  );
  // Composed, each level begins with the one before.
  if (all.includes(undefined)) return gmsDistanceMaps(request, levels).map((map) => meanOverChannels(map));
  return all.map((attrs) => fused(request, attrs!) as Tensor4D);
}

function composed(request: GmsRequest, { form, first, levels }: Wanted): Tensor {
  switch (form) {
    case 'mean':
      return scaled(
        meanGmsDistances(request, levels).reduce((total, mean) => added(total, mean)),
        1 / levels,
      );
    case 'deviation': {
      const [map] = gmsDistanceMaps(request, 1, first);
      return meanPerImage(planeDeviation(map!, gmsWeights(request, 1, first)?.[0]));
    }
    case 'similarity':
      return complement(gmsDistanceMaps(request, 1, first)[0]!);
    case 'residual':
      return meanOverChannels(gmsDistanceMaps(request, 1, first)[0]!);
  }
}

/**
 * The kernel's value, with a gradient of each image that is computed only where it is asked for: tfjs calls
 * the gradient of a whole op for any of its inputs, so each image has an op of its own.
 */
function fused(request: GmsRequest, attrs: GmsAttrs): Tensor {
  const { yTrue, yPred, weights } = request;
  const constants = weights === undefined ? [] : [weights];
  const gradient = tapeIsOn();
  const value = customGrad((y, save) => {
    const inputs = inputsOf({ ...request, yPred: y as Tensor4D });
    const [result, ...saved] = run(GmsForward, inputs, { ...attrs, gradient });
    (save as (tensors: Tensor[]) => void)([yTrue, y as Tensor, ...constants, ...saved]);
    return {
      value: result!,
      gradFunc: (dy, [x, again, ...rest]) =>
        gradientOf(requestOf(request, x!, again!, rest), attrs, 'yPred', dy, rest[constants.length]),
    };
  })(yPred);
  if (!gradient) return value;

  const nothing = customGrad((x, save) => {
    (save as (tensors: Tensor[]) => void)([x as Tensor, yPred, ...constants]);
    return {
      value: zeros(value.shape),
      gradFunc: (dy, [again, y, ...rest]) =>
        gradientOf(requestOf(request, again!, y!, rest), attrs, 'yTrue', dy),
    };
  })(yTrue);
  return added(value, nothing);
}

/** The same request of the tensors that tfjs kept for the gradient. */
function requestOf(request: GmsRequest, x: Tensor, y: Tensor, [weights]: readonly Tensor[]): GmsRequest {
  return {
    ...request,
    yTrue: x as Tensor4D,
    yPred: y as Tensor4D,
    weights: request.weights === undefined ? undefined : (weights as Tensor4D),
  };
}

function gradientOf(
  request: GmsRequest,
  attrs: GmsAttrs,
  wrt: 'yTrue' | 'yPred',
  dy: Tensor,
  saved?: Tensor,
): Tensor {
  // For a gradient of the gradient tfjs must see ops that it can follow.
  if (tapeIsOn()) return grad((image) => composed({ ...request, [wrt]: image }, attrs))(request[wrt], dy);
  const inputs = { ...inputsOf(request), dy, ...(saved && { saved }) };
  return run(GmsBackward, inputs, { ...attrs, wrt })[0]!;
}

function inputsOf({ yTrue, yPred, weights }: GmsRequest): NamedTensorMap {
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
