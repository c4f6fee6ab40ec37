import { checkMapsAndMasks, checkSize } from '../checks/arrays.js';
import type { ImageSize, Masks, ScoreMaps } from '../checks/arrays.js';
import { checkArguments, checkOptionNames, checkWhole } from '../checks/options.js';
import { isArrayOf } from '../checks/typedArrays.js';
import { rankedMaps, rankedScores, scoreOfKey, scoresOfKeys } from '../ranking/keys.js';
import type { RankedScores } from '../ranking/keys.js';
import { sortPairs } from '../ranking/radixSort.js';
import { labelledRuns } from '../segmentation/labelledRuns.js';
import {
  ScoreList,
  binRange,
  binsOf,
  checkFilled,
  checkSameCapacity,
  countScores,
  lowestOf,
  sumOf,
} from './accumulation.js';
import type { BoundedFigure, Capacity } from './accumulation.js';
import {
  byType,
  checkRestored,
  checkState,
  decodedScores,
  decodedWhole,
  dense,
  encoded,
  encodedScores,
  isFloat32,
  sealed,
  sparse,
  stateOfOther,
} from './accumulatorState.js';
import type { Fields, State } from './accumulatorState.js';
import { overlapArea } from './auPro.js';
import { ShareSum, checkShares, overlapSteps } from './overlapSteps.js';
import type { OverlapSteps } from './overlapSteps.js';
import { proCurveOf } from './proCurve.js';
import type { ProCurve } from './proCurve.js';
import { checkLimit } from './rocAuc.js';

const kind = 'ssim-ae overlaps';

/** Pixels in regions, and the area of the region of each. */
interface InRegions<Scores extends RankedScores = RankedScores> {
  readonly scores: Scores;
  readonly areas: Int32Array;
}

interface Kept {
  readonly negatives: ScoreList;
  readonly positives: InRegions[];
}

interface Bins {
  readonly negatives: Float64Array;
  /** The shares 1 / area of the pixels in regions, as `ShareSum` keeps them. */
  readonly high: Float64Array;
  readonly low: Float64Array;
}

/** Pixels in regions and outside, all of them while there are few, counted in bins when there are more. */
export class OverlapCounts {
  declare private readonly capacity: Capacity;
  declare count: number;
  declare private negatives: number;
  declare private regions: number;
  declare private kept: Kept | undefined;
  declare private bins: Bins | undefined;

  constructor(capacity: Capacity) {
    this.capacity = capacity;
    this.count = 0;
    this.negatives = 0;
    this.regions = 0;
    this.kept = { negatives: new ScoreList(), positives: [] };
  }

  add(maps: ScoreMaps, masks: Masks, options: ImageSize): void {
    checkArguments('proAccumulator.add', arguments, 3);
    const name = 'proAccumulator.add';
    const size = checkSize(name, options);
    const checked = checkMapsAndMasks(name, maps, masks, size);
    checked.maps.forEach((map, image) => {
      const scores = rankedScores(map);
      const mask = checked.masks[image]!;
      const runs = labelledRuns(mask, size.height, size.width, 8);
      const inside = runs.areas.reduce((sum, area) => sum + area, 0);
      const areas = new Int32Array(inside);
      const positives = isArrayOf('Int32Array', scores) ? new Int32Array(inside) : new Float64Array(inside);
      let p = 0;
      runs.regions.forEach((region, run) => {
        const area = runs.areas[region]!;
        for (let i = runs.starts[run]!; i < runs.ends[run]!; i++, p++) {
          positives[p] = scores[i]!;
          areas[p] = area;
        }
      });
      const negatives = scores.filter((_, i) => mask[i] === 0);
      this.addScores([negatives], [{ scores: positives, areas }], runs.count);
    });
  }

  merge(given: unknown): void {
    checkArguments('proAccumulator.merge', arguments, 1);
    const name = 'proAccumulator.merge';
    const other =
      given instanceof OverlapCounts
        ? given
        : restoredOverlaps(name, stateOfOther('proAccumulator', given, kind));
    checkSameCapacity(name, this.capacity, other.capacity);
    if (other.bins === undefined) {
      const { negatives, positives } = other.kept!;
      this.addScores([...negatives.blocks], [...positives], other.regions);
      return;
    }
    const own = this.binned();
    const { negatives, high, low } = other.bins;
    const sum = new ShareSum();
    for (let bin = 0; bin < negatives.length; bin++) {
      own.negatives[bin]! += negatives[bin]!;
      sum.set(own.high[bin]!, own.low[bin]!);
      sum.add(high[bin]!, low[bin]!);
      own.high[bin] = sum.high;
      own.low[bin] = sum.low;
    }
    this.count += other.count;
    this.negatives += other.negatives;
    this.regions += other.regions;
  }

  auPro(options: { readonly maxFalsePositiveRate?: number } = {}): BoundedFigure {
    checkArguments('proAccumulator.auPro', arguments, 1);
    const name = 'proAccumulator.auPro';
    checkOptionNames(name, options, ['maxFalsePositiveRate']);
    const limit = checkLimit(name, options.maxFalsePositiveRate ?? 0.3);
    const steps = this.steps(name);
    const value = overlapArea(name, steps, limit);
    return { value, errorBound: this.bins === undefined ? 0 : boundOf(steps, limit) };
  }

  proCurve(options: { readonly maxFalsePositiveRate?: number } = {}): ProCurve {
    checkArguments('proAccumulator.proCurve', arguments, 1);
    const name = 'proAccumulator.proCurve';
    checkOptionNames(name, options, ['maxFalsePositiveRate']);
    const limit = checkLimit(name, options.maxFalsePositiveRate ?? 1);
    return proCurveOf(name, this.steps(name), limit);
  }

  toJSON(): Fields {
    const head = { ...this.capacity, count: this.count, regions: this.regions };
    if (this.bins !== undefined) {
      const { bins, columns } = sparse([this.bins.negatives, this.bins.high, this.bins.low]);
      const [negatives, high, low] = columns;
      return sealed(kind, { ...head, binned: { bins, negatives, high, low } });
    }
    const { negatives, positives } = this.kept!;
    const [float32, float64] = sortedByType(positives);
    return sealed(kind, {
      ...head,
      kept: {
        negatives: encodedScores(byType(negatives.blocks)),
        positives: encodedScores({ float32: float32.scores, float64: float64.scores }),
        areas: encoded(allOf([float32, float64]).areas),
      },
    });
  }

  /** Takes in what toJSON gave. */
  restore(state: State): void {
    const { functionName, fields } = state;
    const regions = checkWhole(`${functionName}: regions`, fields['regions'], { least: 0 });
    if (state.binned !== undefined) {
      const [negatives, high, low] = dense(state, ['negatives', 'high', 'low']);
      // Pixels in regions leave shares and no counts: how many there are, only the state says.
      this.count = fields['count'] as number;
      this.negatives = sumOf(negatives!);
      this.regions = regions;
      checkShares(functionName, high!, low!, { regions, positives: this.count - this.negatives });
      this.kept = undefined;
      this.bins = { negatives: negatives!, high: high!, low: low! };
      return;
    }
    const { kept } = state;
    const negatives = decodedScores(`${functionName}: kept.negatives`, kept!['negatives']);
    const { float32, float64 } = decodedScores(`${functionName}: kept.positives`, kept!['positives']);
    const areas = decodedWhole(`${functionName}: kept.areas`, kept!['areas']);
    checkAreas(functionName, areas, { regions, positives: float32.length + float64.length });
    this.addScores(
      [negatives.float32, negatives.float64],
      [
        { scores: float32, areas: areas.subarray(0, float32.length) },
        { scores: float64, areas: areas.subarray(float32.length) },
      ],
      regions,
    );
  }

  private addScores(
    negatives: readonly RankedScores[],
    positives: readonly InRegions[],
    regions: number,
  ): void {
    for (const block of negatives) this.negatives += block.length;
    this.count += [...negatives, ...positives.map(({ areas }) => areas)].reduce(
      (sum, { length }) => sum + length,
      0,
    );
    this.regions += regions;
    if (this.kept !== undefined && this.count <= this.capacity.exactUpTo) {
      for (const block of negatives) this.kept.negatives.append(block);
      this.kept.positives.push(...positives.filter(({ areas }) => areas.length > 0));
      return;
    }
    this.countInto(this.binned(), negatives, positives);
  }

  private countInto(bins: Bins, negatives: readonly RankedScores[], positives: readonly InRegions[]): void {
    for (const block of negatives) countScores(bins.negatives, block, this.capacity);
    const sum = new ShareSum();
    for (const { scores, areas } of positives) {
      const places = binsOf(scores, this.capacity);
      for (let i = 0; i < places.length; i++) {
        const bin = places[i]!;
        sum.set(bins.high[bin]!, bins.low[bin]!);
        sum.addShare(areas[i]!);
        bins.high[bin] = sum.high;
        bins.low[bin] = sum.low;
      }
    }
  }

  private binned(): Bins {
    if (this.bins !== undefined) return this.bins;
    const { bins } = this.capacity;
    this.bins = {
      negatives: new Float64Array(bins),
      high: new Float64Array(bins),
      low: new Float64Array(bins),
    };
    this.countInto(this.bins, this.kept!.negatives.blocks, this.kept!.positives);
    this.kept = undefined;
    return this.bins;
  }

  /** The steps of what was added, for a figure of it. */
  private steps(functionName: string): OverlapSteps {
    checkFilled(functionName, this.count);
    const [negatives, regions] = [this.negatives, this.regions];
    if (this.bins === undefined) {
      const positives = allOf(this.kept!.positives);
      const outside = this.kept!.negatives.joined();
      const { areas } = positives;
      const pixels = { areas, negatives, regions };
      if (isArrayOf('Int32Array', positives.scores) && isArrayOf('Int32Array', outside)) {
        const keys = { positiveKeys: positives.scores, negativeKeys: outside };
        return overlapSteps({ ...pixels, ...keys, scoreOf: scoreOfKey });
      }
      const ranked = rankedMaps([positives.scores, outside].map(asScores));
      const [positiveKeys, negativeKeys] = ranked.bits as [Int32Array, Int32Array];
      return overlapSteps({ ...pixels, positiveKeys, negativeKeys, scoreOf: ranked.scoreOf });
    }
    const bins = this.bins;
    const [first, last] = binRange(this.capacity);
    return {
      negatives,
      regions,
      visit: (step) => {
        const found = new ShareSum();
        let falsePositives = 0;
        for (let bin = last; bin >= first; bin--) {
          if (bins.negatives[bin] === 0 && bins.high[bin] === 0 && bins.low[bin] === 0) continue;
          found.add(bins.high[bin]!, bins.low[bin]!);
          falsePositives += bins.negatives[bin]!;
          if (step(found.value / regions, falsePositives, bin) === false) return;
        }
      },
      scoreOf: (bin) => lowestOf(bin, this.capacity),
    };
  }
}

const asScores = (scores: RankedScores): Float64Array =>
  isArrayOf('Int32Array', scores) ? scoresOfKeys(scores) : scores;

/** All pixels in regions as one list. */
function allOf(parts: readonly InRegions[]): InRegions {
  const [scores, areas] = [new ScoreList(), new ScoreList()];
  for (const part of parts) {
    scores.append(part.scores);
    areas.append(part.areas);
  }
  return { scores: scores.joined(), areas: areas.joined() as Int32Array };
}

/** Those that float32 holds, as keys, and the others, each ascending by score and then by area. */
function sortedByType(
  parts: readonly InRegions[],
): readonly [InRegions<Int32Array>, InRegions<Float64Array>] {
  const { scores, areas } = allOf(parts);
  if (isArrayOf('Int32Array', scores)) {
    const float32 = sortedPairs(scores, areas);
    return [
      { scores: float32.keys, areas: float32.payload },
      { scores: new Float64Array(0), areas: new Int32Array(0) },
    ];
  }
  const held = Uint8Array.from(scores, (score) => (isFloat32(score) ? 1 : 0));
  const narrow = rankedScores(new Float32Array(scores.filter((_, i) => held[i] === 1))) as Int32Array;
  const wide = scores.filter((_, i) => held[i] === 0);
  const float32 = sortedPairs(
    narrow,
    areas.filter((_, i) => held[i] === 1),
  );
  const { bits, scoreOf } = rankedMaps([wide]);
  const float64 = sortedPairs(
    bits[0]!,
    areas.filter((_, i) => held[i] === 0),
  );
  return [
    { scores: float32.keys, areas: float32.payload },
    { scores: Float64Array.from(float64.keys, scoreOf), areas: float64.payload },
  ];
}

/** Keys in ascending order, equal ones by their areas; may use the arrays up. */
function sortedPairs(
  keys: Int32Array,
  areas: Int32Array,
): { readonly keys: Int32Array; readonly payload: Int32Array } {
  const byArea = sortPairs(areas, keys);
  return sortPairs(byArea.payload, byArea.keys);
}

/** Each region of an area has as many pixels of it. */
function checkAreas(
  functionName: string,
  areas: Int32Array,
  { regions, positives }: { readonly regions: number; readonly positives: number },
): void {
  if (areas.length !== positives || !areas.every((area) => area > 0)) {
    throw new RangeError(
      `${functionName}: kept.areas must be whole numbers ≥ 1, one for each score of kept.positives, ` +
        `but got ${areas.length} of them for ${positives}, from ${areas.reduce((a, b) => Math.min(a, b), Infinity)} up.`,
    );
  }
  const pixels = new Map<number, number>();
  for (const area of areas) pixels.set(area, (pixels.get(area) ?? 0) + 1);
  let found = 0;
  for (const [area, count] of pixels) {
    if (count % area !== 0) {
      throw new RangeError(
        `${functionName}: kept.areas has ${count} pixels in regions of ${area}, which do not add up to whole ones.`,
      );
    }
    found += count / area;
  }
  if (found !== regions) {
    throw new RangeError(
      `${functionName}: the areas of kept add up to ${found} regions, but regions is ${regions}.`,
    );
  }
}

/**
 * Within a bin the exact curve may take any ascending way from its lower left corner to the upper right, where
 * ours is the diagonal: as much as half the bin's box off, or, where the limit cuts the box, the part above the
 * diagonal.
 */
function boundOf(steps: OverlapSteps, limit: number): number {
  const last = limit * steps.negatives;
  let [sum, before, falsePositivesBefore] = [0, 0, 0];
  steps.visit((overlap, falsePositives) => {
    const [rise, run] = [overlap - before, falsePositives - falsePositivesBefore];
    if (falsePositives > last) {
      const part = last - falsePositivesBefore;
      sum += rise * part * (1 - part / run / 2);
      return false;
    }
    sum += (rise * run) / 2;
    [before, falsePositivesBefore] = [overlap, falsePositives];
    return true;
  });
  return sum / last;
}

/** A parsed state, checked, as counts. */
export function restoredOverlaps(functionName: string, given: unknown): OverlapCounts {
  const state = checkState(functionName, given, kind);
  const counts = new OverlapCounts(state.capacity);
  counts.restore(state);
  checkRestored(state, counts);
  return counts;
}
