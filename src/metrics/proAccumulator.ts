import type { ImageSize, Masks, ScoreMaps } from '../checks/arrays.js';
import { checkOneArgument } from '../checks/options.js';
import { resolveCapacity } from './tally.js';
import type { AccumulatorOptions, BoundedFigure } from './tally.js';
import { OverlapCounts } from './overlapCounts.js';
import type { ProCurve } from './proCurve.js';

/** Maps and masks that are added in parts: see {@link proAccumulator}. */
export interface ProAccumulator {
  /** How many pixels it has seen. */
  readonly count: number;
  /** Adds maps with their masks; the images of each call may have another size. */
  readonly add: (maps: ScoreMaps, masks: Masks, options: ImageSize) => void;
  /** Adds what another accumulator of the same options has seen. */
  readonly merge: (other: ProAccumulator) => void;
  /** The area under the per-region overlap curve, as `auPro`, up to `maxFalsePositiveRate`, 0.3 unless given. */
  readonly auPro: (options?: { readonly maxFalsePositiveRate?: number }) => BoundedFigure;
  /** The per-region overlap curve, as `proCurve`, up to `maxFalsePositiveRate`: at every score, or at the lower edge of every bin. */
  readonly proCurve: (options?: { readonly maxFalsePositiveRate?: number }) => ProCurve;
  /** All that it has seen, for JSON.stringify: the same text, whatever the order of add and merge, with a checksum. */
  readonly toJSON: () => Readonly<Record<string, unknown>>;
}

/**
 * Gathers maps and masks part by part, for sets that do not fit into memory or are split over processes.
 *
 * errorBound = 1/L Σ_bins ΔPRO_b · ΔFPR_b / 2: up to `exactUpTo` pixels all of them are kept and the bound is 0;
 * beyond, they are counted in bins that are the same for all data. Figures and JSON depend on what was added,
 * not on the order, nor on how it was split between images: the shares 1 / area are summed as whole numbers,
 * which no order rounds differently. Scores that float32 does not hold are kept as float64.
 *
 * Shapes: any number of `add(maps [N, H, W], masks [N, H, W])` → a figure with its bound.
 * Range: as `auPro`.
 *
 * @param options how much it keeps: see {@link AccumulatorOptions}
 * @throws TypeError for an unknown option, and in `merge` if the argument is not such an accumulator
 * @throws RangeError for a size that is not whole, a number of bins that is not a power of two, in `add` what
 * `auPro` throws, in `merge` for differing options, in `auPro` and `proCurve` if nothing has been added, and for
 * masks without a defect or a good pixel
 * @see Bergmann et al. 2021, "The MVTec Anomaly Detection Dataset" (IJCV), section 5.1
 *
 * @example
 * ```ts
 * import { proAccumulator } from 'ssim-ae';
 *
 * const accumulator = proAccumulator();
 * accumulator.add([0.1, 0.2, 0.9, 0.8], [0, 0, 1, 1], { height: 2, width: 2 });
 * accumulator.add([0.3, 0.1], [0, 0], { height: 1, width: 2 });
 * console.log(accumulator.auPro().value); // 1
 * ```
 */
export function proAccumulator(options: AccumulatorOptions = {}): ProAccumulator {
  checkOneArgument('proAccumulator', arguments);
  return OverlapCounts.ofNone(resolveCapacity('proAccumulator', options));
}
