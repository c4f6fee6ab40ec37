import { customGrad, engine, grad, zeros } from '@tensorflow/tfjs-core';
import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import { added, bounded } from '../operations/elementwise.js';
import { meanOverChannels, meanPerImage } from '../operations/reductions.js';
import { reshaped } from '../operations/reshaped.js';
import { SsimBackward, SsimForward } from './kernels/contract.js';
import type { Shape4D, SsimAttrs, SsimForm } from './kernels/contract.js';
import { fusedSsimAttrs } from './kernels/fusedSsim.js';
import { ssimDistanceMap } from './ssimDistance.js';
import type { SsimRequest } from './ssimDistance.js';

/**
 * SSIM in the requested form: from the active backend's fused kernels if they support it, else composed.
 * The one place that chooses; the composition is the definition.
 */
export function ssimValue<T extends Tensor>(request: SsimRequest, form: SsimForm): T {
  if (request.yTrue.rank === 5 && request.options.windowSize[0] === 1) return planeByPlane(request, form);
  const { shape } = request.yTrue;
  const attrs = isImages(shape) ? fusedSsimAttrs(shape, request.options) : undefined;
  return (attrs === undefined ? composed(request, form) : fused(request, { ...attrs, form })) as T;
}

const isImages = (shape: readonly number[]): shape is Shape4D => shape.length === 4;

/** Volumes under a window one plane deep, as a batch of images. */
function planeByPlane<T extends Tensor>({ yTrue, yPred, options }: SsimRequest, form: SsimForm): T {
  const [batch, depth, ...plane] = yTrue.shape as [number, number, ...number[]];
  const planes = (volumes: Tensor): Tensor => reshaped(volumes, [batch * depth, ...plane]);
  const value = ssimValue<Tensor>(
    {
      yTrue: planes(yTrue),
      yPred: planes(yPred),
      options: {
        ...options,
        windowSize: options.windowSize.slice(1),
        windowSigma: options.windowSigma.slice(1),
      },
    },
    form,
  );
  const volumes = reshaped(value, [batch, depth, ...value.shape.slice(1)]);
  return (form === 'mean' ? meanPerImage(volumes) : volumes) as T;
}

function composed(request: SsimRequest, form: SsimForm): Tensor {
  const distances = ssimDistanceMap(request);
  switch (form) {
    case 'mean':
      return bounded(meanPerImage(distances), 0, 2);
    case 'distance':
      return distances;
    case 'residual':
      return meanOverChannels(distances);
  }
}

/**
 * The kernel's value, with a gradient of each image that is computed only if it is needed: tfjs calls
 * the gradient of a whole op for any of its inputs, so each image has an op of its own.
 */
function fused(request: SsimRequest, attrs: SsimAttrs): Tensor {
  const { yTrue, yPred } = request;
  const gradient = tapeIsOn();
  const value = customGrad((y, save) => {
    const [result, ...saved] = run(SsimForward, { yTrue, yPred: y as Tensor }, { ...attrs, gradient });
    (save as (tensors: Tensor[]) => void)([yTrue, y as Tensor, ...saved]);
    return {
      value: result!,
      gradFunc: (dy, [x, again, ...rest]) =>
        gradientOf({ ...request, yTrue: x!, yPred: again! }, attrs, 'yPred', dy, rest[0]),
    };
  })(yPred);
  if (!gradient) return value;

  const nothing = customGrad((x, save) => {
    (save as (tensors: Tensor[]) => void)([x as Tensor, yPred]);
    return {
      value: zeros(value.shape),
      gradFunc: (dy, [again, y]) => gradientOf({ ...request, yTrue: again!, yPred: y! }, attrs, 'yTrue', dy),
    };
  })(yTrue);
  return added(value, nothing);
}

function gradientOf(
  request: SsimRequest,
  attrs: SsimAttrs,
  wrt: 'yTrue' | 'yPred',
  dy: Tensor,
  saved?: Tensor,
): Tensor {
  // For a gradient of the gradient tfjs must see ops that it can follow.
  if (tapeIsOn())
    return grad((image) => composed({ ...request, [wrt]: image }, attrs.form))(request[wrt], dy);
  const { yTrue, yPred } = request;
  const inputs = { yTrue, yPred, dy, ...(saved && { saved }) };
  return run(SsimBackward, inputs, { ...attrs, wrt })[0]!;
}

function run(kernel: string, inputs: NamedTensorMap, attrs: object): Tensor[] {
  const result = engine().runKernel<Tensor | Tensor[]>(kernel, inputs, attrs as NamedAttrMap);
  return Array.isArray(result) ? result : [result];
}

/** Whether tfjs records what runs now, for a gradient. */
function tapeIsOn(): boolean {
  return engine().state.gradientDepth > 0;
}
