import type { Tensor1D } from '@tensorflow/tfjs-core';
import { ssimRequest } from './ssimDistance.js';
import type { SsimIndexRequest } from './ssimDistance.js';
import type { SsimIndexOptions } from './ssimIndexOptions.js';
import { ssimValue } from './ssimValue.js';

/** What `ssim` and the losses made of it begin with: checks like {@link ssimRequest}, and the weights. */
export function ssimIndexRequest(
  functionName: string,
  yTrue: unknown,
  yPred: unknown,
  options: SsimIndexOptions,
): SsimIndexRequest {
  return ssimRequest(functionName, yTrue, yPred, options, { further: ['weights'] });
}

/** The mean of 1 − SSIM of every image, [N]; with weights, each window counts by the weight of its middle pixel. */
export function meanSsimDistance(request: SsimIndexRequest): Tensor1D {
  return ssimValue(request, 'mean');
}
