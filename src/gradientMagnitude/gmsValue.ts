import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { valueByKernels } from '../backends/kernelPair.js';
import { resizeBilinear } from '../filters/resizeBilinear.js';
import { added, scaled } from '../operations/elementwise.js';
import { meanOverChannels, meanPerImage } from '../operations/reductions.js';
import { gmsDistanceMaps, gmsWeights, meanGmsDistances } from './gmsDistance.js';
import type { GmsRequest } from './gmsDistance.js';
import { gmsKernels } from './kernels/contract.js';
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
  const attrs = fusedGmsAttrs(request.yTrue, request.options, wanted, request.weights !== undefined);
  if (attrs !== undefined) return fused(request, attrs) as T;
  if (form !== 'residual') return composed(request, wanted) as T;
  // The maps may still come from kernels; composed, each level begins with the one before.
  const ofLevels = Array.from({ length: levels }, (_, level) => {
    const ofLevel = { form: 'distance', first: first + level, levels: 1 } as const;
    return fusedGmsAttrs(request.yTrue, request.options, ofLevel, false);
  }).filter((given) => given !== undefined);
  if (ofLevels.length < levels) return composed(request, wanted) as T;
  return residualOf(
    request,
    ofLevels.map((given) => fused(request, given) as Tensor4D),
  ) as T;
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
    case 'distance':
      return gmsDistanceMaps(request, 1, first)[0]!;
    case 'residual':
      return residualOf(request, gmsDistanceMaps(request, levels, first));
  }
}

/** The mean over levels of the means over channels, each resized to the images. */
function residualOf({ yTrue }: GmsRequest, maps: readonly Tensor4D[]): Tensor {
  const [, height, width] = yTrue.shape;
  return scaled(
    maps
      .map((map) => resizeBilinear(meanOverChannels(map), [height, width]))
      .reduce((total, map) => added(total, map)),
    1 / maps.length,
  );
}

const fused = (request: GmsRequest, attrs: GmsAttrs): Tensor =>
  valueByKernels(gmsKernels, request, attrs, (images) => composed({ ...request, ...images }, attrs));
