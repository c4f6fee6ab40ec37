import type { Tensor1D } from '@tensorflow/tfjs-core';
import { valueByKernels } from '../backends/kernelPair.js';
import { added, scaled } from '../operations/elementwise.js';
import { agreeingAtWeightZero } from '../operations/weightZero.js';
import { msSsimKernels } from './kernels/contract.js';
import { mixOf } from './kernels/differences.js';
import { fusedMsSsimAttrs } from './kernels/fusedMsSsim.js';
import { mixWindow, meanDifference } from './meanDifference.js';
import type { MixRequest } from './meanDifference.js';
import { msSsimDistance } from './msSsimDistance.js';
import type { MsSsimRequest } from './msSsimDistance.js';

/**
 * 1 − MS-SSIM, [N]: from the active backend's fused kernels if they support it, else composed. Here and in
 * {@link mixValue} it is chosen; the composition is the definition.
 */
export function msSsimValue(request: MsSsimRequest): Tensor1D {
  const attrs = fusedMsSsimAttrs(request.yTrue.shape, request.options, request.weights !== undefined);
  const composed = (images: Partial<MsSsimRequest>): Tensor1D =>
    msSsimDistance(agreeingAtWeightZero({ ...request, ...images }));
  if (attrs === undefined) return composed({});
  return valueByKernels(msSsimKernels, request, attrs, composed) as Tensor1D;
}

/** α · (1 − MS-SSIM) + (1 − α) · ℓ1, [N]. */
export function mixValue(request: MixRequest): Tensor1D {
  const { yTrue, options, weights, alpha } = request;
  const attrs = fusedMsSsimAttrs(yTrue.shape, options, weights !== undefined);
  const composed = (images: Partial<MixRequest>): Tensor1D => {
    const given = { ...request, ...images };
    return added(
      scaled(msSsimValue(given), alpha),
      scaled(meanDifference(agreeingAtWeightZero(given)), 1 - alpha),
    );
  };
  if (attrs === undefined) return composed({});
  const mix = mixOf(yTrue.shape, mixWindow(request), options, alpha);
  return valueByKernels(msSsimKernels, request, { ...attrs, mix }, composed) as Tensor1D;
}
