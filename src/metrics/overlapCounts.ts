import { checkMapsAndMasks, checkSize } from '../checks/arrays.js';
import type { ImageSize, Masks, ScoreMaps } from '../checks/arrays.js';
import { furtherNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkOneArgument, checkOptionNames, checkWhole } from '../checks/options.js';
import { isArrayOf } from '../checks/typedArrays.js';
import { joined, rankedMaps, rankedScores, scoreOfKey, scoresOfKeys } from '../ranking/keys.js';
import type { RankedScores } from '../ranking/keys.js';
import { sortPairs } from '../ranking/radixSort.js';
import { labelledRuns } from '../segmentation/labelledRuns.js';
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
} from './accumulatorJSON.js';
import type { Fields, State } from './accumulatorJSON.js';
import { overlapArea } from './auPro.js';
import { ShareSum, checkShares, overlapSteps } from './overlapSteps.js';
import type { OverlapSteps } from './overlapSteps.js';
import { proCurveOf } from './proCurve.js';
import type { ProCurve } from './proCurve.js';
import { checkLimit } from './rocAuc.js';
import { addCounts, binsOf, countScores, lengthOf, lowestOf, sumOf, usedBins } from './scoreBins.js';
import { Tally, append } from './tally.js';
import type { BoundedFigure, Capacity, Gathering } from './tally.js';

const kind = 'ssim-ae overlaps';

/** Pixels in regions, and the area of the region of each. */
interface InRegions<Scores extends RankedScores = RankedScores> {
  readonly scores: Scores;
  readonly areas: Int32Array;
}

interface Kept {
  readonly negatives: RankedScores[];
  readonly positives: InRegions[];
  regions: number;
}

interface Binned {
  readonly negatives: Float64Array;
  /** The shares 1 / area of the pixels in regions, as `ShareSum` keeps them. */
  readonly high: Float64Array;
  readonly low: Float64Array;
  regions: number;
}

/** Pixels in lists, or how many there are outside and what they find of regions in each bin. */
const gathering: Gathering<Kept, Binned> = {
  noneKept: () => ({ negatives: [], positives: [], regions: 0 }),
  noneBinned: (bins) => ({
    negatives: new Float64Array(bins),
    high: new Float64Array(bins),
    low: new Float64Array(bins),
    regions: 0,
  }),
  countOf: ({ negatives, positives }) =>
    lengthOf(negatives) + positives.reduce((sum, { areas }) => sum + areas.length, 0),
  keep: (kept, part) => {
    append(kept.negatives, part.negatives);
    append(kept.positives, part.positives);
    kept.regions += part.regions;
  },
  bin: (binned, part, bins) => {
    countScores(binned.negatives, part.negatives);
    const sum = new ShareSum();
    for (const { scores, areas } of part.positives) {
      binsOf(scores, bins).forEach((bin, i) => {
        sum.set(binned.high[bin]!, binned.low[bin]!);
        sum.addShare(areas[i]!);
        binned.high[bin] = sum.high;
        binned.low[bin] = sum.low;
      });
    }
    binned.regions += part.regions;
  },
  sum: (binned, other) => {
    addCounts(binned.negatives, other.negatives);
    const sum = new ShareSum();
    for (let bin = 0; bin < binned.high.length; bin++) {
      sum.set(binned.high[bin]!, binned.low[bin]!);
      sum.add(other.high[bin]!, other.low[bin]!);
      binned.high[bin] = sum.high;
      binned.low[bin] = sum.low;
    }
    binned.regions += other.regions;
  },
};

/** Pixels in regions and outside. */
export class OverlapCounts {
  declare private readonly tally: Tally<Kept, Binned>;

  constructor(tally: Tally<Kept, Binned>) {
    this.tally = tally;
  }

  static ofNone(capacity: Capacity): OverlapCounts {
    return new OverlapCounts(new Tally(gathering, capacity));
  }

  get count(): number {
    return this.tally.count;
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
      this.tally.add({
        negatives: [negatives],
        positives: [{ scores: positives, areas }],
        regions: runs.count,
      });
    });
  }

  merge(given: unknown): void {
    checkOneArgument('proAccumulator.merge', arguments);
    const name = 'proAccumulator.merge';
    const other =
      given instanceof OverlapCounts
        ? given
        : restoredOverlaps(name, stateOfOther('proAccumulator', given, kind));
    this.tally.merge(name, other.tally);
  }

  auPro(options: { readonly maxFalsePositiveRate?: number } = {}): BoundedFigure {
    checkOneArgument('proAccumulator.auPro', arguments);
    const name = 'proAccumulator.auPro';
    checkOptionNames(name, options, ['maxFalsePositiveRate'], furtherNames);
    const limit = checkLimit(name, options.maxFalsePositiveRate ?? 0.3);
    const steps = this.steps(name);
    const value = overlapArea(name, steps, limit);
    return { value, errorBound: this.tally.isExact ? 0 : boundOf(steps, limit) };
  }

  proCurve(options: { readonly maxFalsePositiveRate?: number } = {}): ProCurve {
    checkOneArgument('proAccumulator.proCurve', arguments);
    const name = 'proAccumulator.proCurve';
    checkOptionNames(name, options, ['maxFalsePositiveRate'], furtherNames);
    const limit = checkLimit(name, options.maxFalsePositiveRate ?? 1);
    return proCurveOf(name, this.steps(name), limit);
  }

  toJSON(): Fields {
    const { capacity, count } = this.tally;
    const contents = this.tally.read<Fields>(
      ({ negatives, positives, regions }) => {
        const [float32, float64] = sortedByType(positives);
        const kept = {
          negatives: encodedScores(byType(negatives)),
          positives: encodedScores({ float32: float32.scores, float64: float64.scores }),
          areas: encoded(joined([float32.areas, float64.areas])),
        };
        return { regions, kept };
      },
      ({ negatives, high, low, regions }) => ({ regions, binned: sparse({ negatives, high, low }) }),
    );
    return sealed(kind, { ...capacity, count, ...contents });
  }

  /** The steps of what was added, for a figure of it. */
  private steps(functionName: string): OverlapSteps {
    this.tally.checkFilled(functionName);
    return this.tally.read(stepsOfKept, (binned) => stepsOfBinned(binned, this.tally.capacity.bins));
  }
}

function stepsOfKept(kept: Kept): OverlapSteps {
  const { scores, areas } = allOf(kept.positives);
  const outside = joined(kept.negatives);
  const pixels = { areas, negatives: outside.length, regions: kept.regions };
  if (isArrayOf('Int32Array', scores) && isArrayOf('Int32Array', outside)) {
    return overlapSteps({ ...pixels, positiveKeys: scores, negativeKeys: outside, scoreOf: scoreOfKey });
  }
  const { bits, scoreOf } = rankedMaps([scores, outside].map(asScores));
  const [positiveKeys, negativeKeys] = bits as [Int32Array, Int32Array];
  return overlapSteps({ ...pixels, positiveKeys, negativeKeys, scoreOf });
}

function stepsOfBinned({ negatives, high, low, regions }: Binned, bins: number): OverlapSteps {
  const used = usedBins([negatives, high, low]);
  return {
    negatives: sumOf(negatives),
    regions,
    visit: (step) => {
      const found = new ShareSum();
      let falsePositives = 0;
      for (let k = used.length - 1; k >= 0; k--) {
        const bin = used[k]!;
        found.add(high[bin]!, low[bin]!);
        falsePositives += negatives[bin]!;
        if (step(found.value / regions, falsePositives, bin) === false) return;
      }
    },
    scoreOf: (bin) => lowestOf(bin, bins),
  };
}

const asScores = (scores: RankedScores): Float64Array =>
  isArrayOf('Int32Array', scores) ? scoresOfKeys(scores) : scores;

/** All pixels in regions as one list. */
const allOf = (parts: readonly InRegions[]): InRegions => ({
  scores: joined(parts.map(({ scores }) => scores)),
  areas: joined(parts.map(({ areas }) => areas)),
});

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

/** A parsed state, checked. */
export function restoredOverlaps(functionName: string, given: unknown): OverlapCounts {
  const state = checkState(functionName, given, kind);
  const { contents, fields } = state;
  const regions = checkWhole(`${functionName}: regions`, fields['regions'], { least: 0 });
  const tally =
    'kept' in contents
      ? tallyOfKept(state, contents.kept, regions)
      : tallyOfBinned(state, contents.binned, regions);
  const restored = new OverlapCounts(tally);
  checkRestored(state, restored);
  return restored;
}

function tallyOfKept({ functionName, capacity }: State, kept: Fields, regions: number): Tally<Kept, Binned> {
  const negatives = decodedScores(`${functionName}: kept.negatives`, kept['negatives']);
  const { float32, float64 } = decodedScores(`${functionName}: kept.positives`, kept['positives']);
  const areas = decodedWhole(`${functionName}: kept.areas`, kept['areas']);
  checkAreas(functionName, areas, { regions, positives: float32.length + float64.length });
  const tally = new Tally(gathering, capacity);
  tally.add({
    negatives: [negatives.float32, negatives.float64],
    positives: [
      { scores: float32, areas: areas.subarray(0, float32.length) },
      { scores: float64, areas: areas.subarray(float32.length) },
    ],
    regions,
  });
  return tally;
}

function tallyOfBinned(state: State, binned: Fields, regions: number): Tally<Kept, Binned> {
  const columns = dense(state, binned, ['negatives', 'high', 'low']);
  // Pixels in regions leave shares and no counts: how many there are, only the state says.
  const positives = state.count - sumOf(columns.negatives);
  checkShares(state.functionName, columns.high, columns.low, { regions, positives });
  return new Tally(gathering, state.capacity, { binned: { ...columns, regions } }, state.count);
}
