import type { Tensor } from '@tensorflow/tfjs-core';
import { valueByKernels } from '../backends/kernelPair.js';
import type { Shape4D } from '../backends/pairOnArrays.js';
import { weightsOfWindows } from '../filters/weightsOfWindows.js';
import { bounded } from '../operations/elementwise.js';
import { meanOverChannels, meanPerImage, weightedMeanPerImage } from '../operations/reductions.js';
import { reshaped } from '../operations/reshaped.js';
import { agreeingAtWeightZero } from '../operations/weightZero.js';
import { ssimKernels } from './kernels/contract.js';
import type { SsimForm } from './kernels/contract.js';
import { fusedSsimAttrs } from './kernels/fusedSsim.js';
import { ssimDistanceMap } from './ssimDistance.js';
import type { SsimRequest } from './ssimDistance.js';

/** What SSIM is asked of; weights belong to the mean. */
interface Request extends SsimRequest {
  readonly weights?: Tensor | undefined;
}

/**
 * SSIM in the requested form: from the active backend's fused kernels if they support it, else composed.
 * The one place that chooses; the composition is the definition.
 */
export function ssimValue<T extends Tensor>(request: Request, form: SsimForm): T {
  const { yTrue, yPred, options, weights } = request;
  const { shape } = yTrue;
  const attrs = isImages(shape) ? fusedSsimAttrs(shape, options, weights !== undefined) : undefined;
  if (attrs !== undefined) {
    return valueByKernels(ssimKernels, { yTrue, yPred, weights }, { ...attrs, form }, (images) =>
      composed({ ...images, options }, form),
    ) as T;
  }
  // Its map may still come from kernels.
  if (weights !== undefined) return weightedMean({ ...request, weights }, ssimValue) as T;
  if (yTrue.rank === 5 && options.windowSize[0] === 1) return planeByPlane(request, form);
  return composed(request, form) as T;
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

/** The mean over windows, each by the weight of its middle pixel, of what `residual` makes of both images. */
function weightedMean(
  request: SsimRequest & { readonly weights: Tensor },
  residual: (request: SsimRequest, form: 'residual') => Tensor,
): Tensor {
  const { weights, options } = request;
  const { yTrue, yPred } = agreeingAtWeightZero(request);
  return weightedMeanPerImage(
    residual({ yTrue, yPred, options }, 'residual'),
    weightsOfWindows(weights, options.windowSize, options.padding),
  );
}

function composed({ weights, ...request }: Request, form: SsimForm): Tensor {
  if (weights !== undefined) return weightedMean({ ...request, weights }, composed);
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
