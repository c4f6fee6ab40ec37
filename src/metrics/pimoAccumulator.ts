import type { ImageSize, Masks, ScoreMaps } from '../checks/arrays.js';
import { checkOneArgument } from '../checks/options.js';
import { resolveCapacity } from './tally.js';
import type { AccumulatorOptions } from './tally.js';
import { ImageCounts } from './imageCounts.js';
import type { NamedAuPimo } from './namedAuPimo.js';

/** Maps and masks that are added in parts: see {@link pimoAccumulator}. */
export interface PimoAccumulator {
  /** How many pixels it has counted: those of normal images and of defects. */
  readonly count: number;
  /** Adds maps with their masks and a name for each image; all images have one size. */
  readonly add: (maps: ScoreMaps, masks: Masks, names: readonly string[], options: ImageSize) => void;
  /** Adds what another accumulator of the same options has seen. */
  readonly merge: (other: PimoAccumulator) => void;
  /** The areas under the per-image overlap curves, as `auPimo`, between `falsePositiveRates`, 1e-5 and 1e-4 unless given. */
  readonly auPimo: (options?: {
    readonly falsePositiveRates?: readonly [lower: number, upper: number];
  }) => NamedAuPimo;
  /** All that it has seen, for JSON.stringify: the same text, whatever the order of add and merge, with a checksum. */
  readonly toJSON: () => Readonly<Record<string, unknown>>;
}

/**
 * Gathers maps and masks part by part for the per-image overlap, for sets that do not fit into memory or are
 * split over processes.
 *
 * errorBound_i = 1 / ln(U/L) Σ_bins ΔTPR_i · Δln FPR / 2, without the half for the first bin with a false alarm
 * and for one that a bound cuts: up to `exactUpTo` pixels, those of normal images and of defects, all of them
 * are kept and the bound is 0; beyond, they are counted in bins that are the same for all data. For each image
 * with a defect it keeps its own counts, of 12 bytes for a bin that it uses. Scores that float32 does not hold are
 * kept as float64.
 *
 * Shapes: any number of `add(maps [N, H, W], masks [N, H, W], names [N])` → an entry for each image with a defect.
 * Range: as `auPimo`.
 *
 * @param options how much it keeps: see {@link AccumulatorOptions}
 * @throws TypeError for an unknown option, in `add` for names that are not strings, in `merge` for anything
 * but such an accumulator
 * @throws RangeError for a size that is not whole, a number of bins that is not a power of two, in `add` what
 * `auPimo` throws, in `add` and `merge` for a name that is there already and images of another size, in `merge` for
 * differing options, in `auPimo` if nothing has been added, for no image with or without a defect, wrong
 * falsePositiveRates, or too few normal pixels for them
 * @see Bertoldo et al. 2024, "AUPIMO: Redefining Visual Anomaly Detection Benchmarks with High Speed and Low
 * Tolerance" (arXiv 2401.01984)
 *
 * @example
 * ```ts
 * import { pimoAccumulator } from 'ssim-ae';
 *
 * const accumulator = pimoAccumulator();
 * const size = { height: 2, width: 2 };
 * accumulator.add([0.1, 0.2, 0.3, 0.4], [0, 0, 0, 0], ['good'], size);
 * accumulator.add([[0.1, 0.2, 0.9, 0.4], [0.3, 0.1, 0.2, 0.2]], [[0, 0, 1, 0], [1, 0, 0, 0]], ['hole', 'stain'], size);
 * const { names, scores } = accumulator.auPimo({ falsePositiveRates: [0.25, 0.75] });
 * console.log(names); // ["hole","stain"]
 * console.log([...scores]); // [1, 0.6845]
 * ```
 */
export function pimoAccumulator(options: AccumulatorOptions = {}): PimoAccumulator {
  checkOneArgument('pimoAccumulator', arguments);
  return ImageCounts.ofNone(resolveCapacity('pimoAccumulator', options));
}
