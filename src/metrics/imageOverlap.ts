import { checkMapsAndMasks, checkSize } from '../checks/arrays.js';
import type { ImageSize } from '../checks/arrays.js';
import { describeValue } from '../checks/describe.js';
import { binOf, cutAbove, cutCounts, cutShift } from '../ranking/bins.js';
import { keyOfBits, rankedMaps } from '../ranking/keys.js';
import { sortKeys } from '../ranking/radixSort.js';

/** Options of `auPimo`. */
export interface AuPimoOptions extends ImageSize {
  /**
   * The false positive rates on normal images between which the overlap is averaged, 0 < lower < upper ≤ 1.
   * @default [1e-5, 1e-4]
   */
  readonly falsePositiveRates?: readonly [lower: number, upper: number];
}

/** Overlaps image by image, against the false positives on the normal images. */
export interface ImageOverlaps {
  readonly bounds: readonly [lower: number, upper: number];
  /** Ascending keys of the pixels of normal images, at least down to the upper bound. */
  readonly normalKeys: Int32Array;
  /** Pixels of the normal images. */
  readonly normals: number;
  /** Every image with a defect: its index, the ascending keys of its defective pixels, and their number. */
  readonly defects: readonly { readonly image: number; readonly keys: Int32Array; readonly area: number }[];
  readonly scoreOf: (key: number) => number;
}

/** Checks the arguments, and sorts what lies above the upper bound. */
export function imageOverlaps(
  functionName: string,
  maps: unknown,
  masks: unknown,
  options: AuPimoOptions,
): ImageOverlaps {
  const size = checkSize(functionName, options, ['falsePositiveRates']);
  const bounds = checkBounds(functionName, options.falsePositiveRates ?? [1e-5, 1e-4]);
  const checked = checkMapsAndMasks(functionName, maps, masks, size);
  const { bits, scoreOf } = rankedMaps(checked.maps);
  const areas = checked.masks.map((mask) => mask.reduce((sum, value) => sum + value, 0));
  const normal = bits.filter((_, image) => areas[image] === 0);
  const normals = normal.length * size.height * size.width;
  checkEnoughImages(functionName, { normals, defects: bits.length - normal.length, bounds });

  const counts = cutCounts();
  for (const values of normal) {
    for (let i = 0; i < values.length; i++) counts[binOf(keyOfBits(values[i]!), cutShift)]!++;
  }
  const { kept, lowest } = cutAbove(counts, bounds[1] * normals);
  const normalKeys = new Int32Array(kept);
  let n = 0;
  for (const values of normal) {
    for (let i = 0; i < values.length; i++) {
      const key = keyOfBits(values[i]!);
      if (key >= lowest) normalKeys[n++] = key;
    }
  }
  const defects = bits.flatMap((values, image) => {
    const area = areas[image]!;
    if (area === 0) return [];
    const mask = checked.masks[image]!;
    const keys = new Int32Array(area);
    let p = 0;
    for (let i = 0; i < values.length; i++) {
      const key = keyOfBits(values[i]!);
      if (mask[i] === 1 && key >= lowest) keys[p++] = key;
    }
    return [{ image, area, keys: sortKeys(keys.slice(0, p)) }];
  });
  return { bounds, normalKeys: sortKeys(normalKeys), normals, defects, scoreOf };
}

/** There must be images with and without a defect, and enough normal pixels for the bounds. */
export function checkEnoughImages(
  functionName: string,
  {
    normals,
    defects,
    bounds,
  }: { readonly normals: number; readonly defects: number; readonly bounds: readonly [number, number] },
): void {
  if (normals === 0 || defects === 0) {
    const [which, why] =
      normals === 0
        ? ['no mask is empty', 'the false positive rate is that of images without a defect']
        : ['all masks are empty', 'the overlap is that of images with a defect'];
    throw new RangeError(`${functionName}: ${which}, but ${why}; at least one is needed.`);
  }
  if (normals * bounds[1] < 1) {
    throw new RangeError(
      `${functionName}: the images without a defect have ${normals} pixels, too few for a false positive rate ` +
        `of ${bounds[1]}; give more of them, or an upper bound of at least ${1 / normals}.`,
    );
  }
}

/** Two rates, 0 < lower < upper ≤ 1. */
export function checkBounds(functionName: string, bounds: unknown): readonly [number, number] {
  if (!Array.isArray(bounds) || bounds.length !== 2 || !bounds.every((bound) => typeof bound === 'number')) {
    throw new TypeError(
      `${functionName}: falsePositiveRates must be [lower, upper], two numbers, but got ${describeValue(bounds)}.`,
    );
  }
  const [lower, upper] = bounds as [number, number];
  if (!(lower > 0 && lower < upper && upper <= 1)) {
    throw new RangeError(
      `${functionName}: falsePositiveRates must be 0 < lower < upper ≤ 1, but got [${lower}, ${upper}].`,
    );
  }
  return [lower, upper];
}
