import { add, mul, rsqrt, square, sub, sum } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { withGradient } from '../operations/withGradient.js';
import { withConstants } from '../operations/withoutGradient.js';
import { checkLayers, checkSameLayers } from './featureOptions.js';
import type { ResolvedFeatureOptions } from './featureOptions.js';

/** A layer of both images, and its weight. */
interface LayerPair {
  readonly yTrue: Tensor;
  readonly yPred: Tensor;
  readonly weight: number;
}

/** Avoids a division by the length of a feature vector of zeros, as in LPIPS. */
const leastSquaredLength = 1e-10;

/**
 * (F(x) − F(x̂))², one tensor for each layer and its weight, handed to `use`. No gradient flows into F(x).
 * `counted` is what is compared of a layer.
 */
export function withFeatureDifferences<Value>(
  functionName: string,
  yTrue: Tensor4D,
  yPred: Tensor4D,
  { features, layerWeights, normalize }: ResolvedFeatureOptions,
  use: (layers: readonly LayerPair[]) => Value,
  counted: (layer: Tensor, index: number) => Tensor = (layer) => layer,
): Value {
  const layersOf = (image: Tensor4D): readonly Tensor[] =>
    checkLayers(functionName, features(image), image.shape[0], layerWeights)
      .map(counted)
      .map((layer) => (normalize === 'unit' ? unitLength(layer) : layer));
  return withConstants(
    () => layersOf(yTrue),
    (ofTrue) => {
      const ofPred = layersOf(yPred);
      checkSameLayers(functionName, ofTrue, ofPred);
      return use(
        ofPred.map((layer, index) => ({
          yTrue: ofTrue[index] as Tensor,
          yPred: layer,
          weight: layerWeights?.[index] ?? 1,
        })),
      );
    },
  );
}

/** f / √(Σ f² + 1e-10), the sum over the last axis: the channels at one place. */
function unitLength(layer: Tensor): Tensor {
  const inverseLength = (f: Tensor): Tensor => rsqrt(add(sum(square(f), -1, true), leastSquaredLength));
  return withGradient(
    [layer] as const,
    ([f]) => mul(f, inverseLength(f)),
    (dy, [f]) => {
      const inverse = inverseLength(f);
      const unit = mul(f, inverse);
      return [mul(sub(dy, mul(unit, sum(mul(unit, dy), -1, true))), inverse)];
    },
  );
}
