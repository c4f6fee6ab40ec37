import { halvedWeights } from '../../backends/imagePairs.js';
import type { Shape4D } from '../../backends/pairOnArrays.js';
import type { Padding } from '../../filters/paddings.js';
import { mapSize } from './contract.js';

/**
 * The weights of a map's pixels at one level, halved as the images are, of which those count that a window has in its
 * middle. They sum to 1, or are all 0.
 */
export function sharesAt(
  weights: Float32Array,
  shape: Shape4D,
  level: number,
  padding: Padding,
): Float32Array {
  const counts = halvedWeights(weights, shape, level);
  const width = Math.ceil(shape[2] / 2 ** level);
  const [mapHeight, mapWidth] = mapSize(shape, level, padding);
  const border = (width - mapWidth) / 2;
  const shares = new Float32Array(mapHeight * mapWidth);
  let total = 0;
  for (let i = 0, k = 0; i < mapHeight; i++) {
    let from = (i + border) * width + border;
    for (const end = k + mapWidth; k < end; k++, from++) {
      const count = counts[from]!;
      shares[k] = count;
      total += count;
    }
  }
  const factor = total === 0 ? 0 : 1 / total;
  for (let k = 0; k < shares.length; k++) shares[k]! *= factor;
  return shares;
}
