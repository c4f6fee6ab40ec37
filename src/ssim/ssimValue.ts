import type { Tensor } from '@tensorflow/tfjs-core';
import { valueByKernels } from '../backends/kernelPair.js';
import type { Shape4D } from '../backends/pairOnArrays.js';
import { bounded } from '../operations/elementwise.js';
import { meanOverChannels, meanPerImage } from '../operations/reductions.js';
import { reshaped } from '../operations/reshaped.js';
import { ssimKernels } from './kernels/contract.js';
import type { SsimForm } from './kernels/contract.js';
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
  if (attrs === undefined) return composed(request, form) as T;
  const { yTrue, yPred, options } = request;
  return valueByKernels(ssimKernels, { yTrue, yPred }, { ...attrs, form }, (images) =>
    composed({ ...images, options }, form),
  ) as T;
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
