import { checkMapsAndMasks, checkSize } from '../checks/arrays.js';
import type { ImageSize, Masks, ScoreMaps } from '../checks/arrays.js';
import { checkArguments, checkOptionNames, checkWhole } from '../checks/options.js';
import { valueText } from '../checks/tensors.js';
import { keysOf, scoreOfKey } from '../ranking/keys.js';
import { sortPairs } from '../ranking/radixSort.js';
import { labelledRuns } from '../segmentation/labelledRuns.js';
import {
  KeyList,
  checkSameCapacity,
  checkState,
  countKeys,
  decodedKeys,
  dense,
  encoded,
  notAnAccumulator,
  shiftOf,
  sparse,
  sumOf,
} from './accumulation.js';
import type { BoundedFigure, Capacity } from './accumulation.js';
import { overlapArea } from './auPro.js';
import { ShareSum, overlapSteps } from './overlapSteps.js';
import type { OverlapSteps } from './overlapSteps.js';
import { proCurveOf } from './proCurve.js';
import type { ProCurve } from './proCurve.js';
import { checkRate } from './rocAuc.js';

const kind = 'ssim-ae overlaps';

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
  declare private kept:
    { readonly negatives: KeyList; readonly positives: KeyList; readonly areas: KeyList } | undefined;
  declare private bins: Bins | undefined;

  constructor(capacity: Capacity) {
    this.capacity = capacity;
    this.count = 0;
    this.negatives = 0;
    this.regions = 0;
    this.kept = { negatives: new KeyList(), positives: new KeyList(), areas: new KeyList() };
  }

  add(maps: ScoreMaps, masks: Masks, options: ImageSize): void {
    checkArguments('proAccumulator.add', arguments, 3);
    const name = 'proAccumulator.add';
    checkOptionNames(name, options, ['height', 'width']);
    const size = checkSize(name, options);
    const checked = checkMapsAndMasks(name, maps, masks, size);
    checked.maps.forEach((map, image) => {
      const keys = keysOf(Float32Array.from(map));
      const mask = checked.masks[image]!;
      const runs = labelledRuns(mask, size.height, size.width, 8);
      const inside = runs.areas.reduce((sum, area) => sum + area, 0);
      const [positives, areas] = [new Int32Array(inside), new Int32Array(inside)];
      for (let run = 0, p = 0; run < runs.runs; run++) {
        const area = runs.areas[runs.regions[run]!]!;
        for (let i = runs.starts[run]!; i < runs.ends[run]!; i++, p++) {
          positives[p] = keys[i]!;
          areas[p] = area;
        }
      }
      this.addKeys(
        keys.filter((_, i) => mask[i] === 0),
        positives,
        areas,
        runs.count,
      );
    });
  }

  merge(other: unknown): void {
    checkArguments('proAccumulator.merge', arguments, 1);
    if (!(other instanceof OverlapCounts)) {
      throw notAnAccumulator('proAccumulator', other);
    }
    checkSameCapacity('proAccumulator.merge', this.capacity, other.capacity);
    if (other.bins === undefined) {
      const { negatives, positives, areas } = other.kept!;
      this.addKeys(negatives.joined(), positives.joined(), areas.joined(), other.regions);
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

  auPro(options: { readonly limit?: number } = {}): BoundedFigure {
    checkArguments('proAccumulator.auPro', arguments, 1);
    const name = 'proAccumulator.auPro';
    checkOptionNames(name, options, ['limit']);
    const limit = checkRate(`${name}: limit`, options.limit ?? 0.3);
    const steps = this.steps();
    const value = overlapArea(name, steps, limit);
    return { value, errorBound: this.bins === undefined ? 0 : boundOf(steps, limit) };
  }

  proCurve(options: { readonly limit?: number } = {}): ProCurve {
    checkArguments('proAccumulator.proCurve', arguments, 1);
    const name = 'proAccumulator.proCurve';
    checkOptionNames(name, options, ['limit']);
    return proCurveOf(name, this.steps(), checkRate(`${name}: limit`, options.limit ?? 1));
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const head = { kind, ...this.capacity, regions: this.regions };
    if (this.bins !== undefined) {
      const { bins, columns } = sparse([this.bins.negatives, this.bins.high, this.bins.low]);
      const [negatives, high, low] = columns;
      return { ...head, binned: { count: this.count, bins, negatives, high, low } };
    }
    const { negatives, positives, areas } = this.kept!;
    const byArea = sortPairs(areas.joined(), positives.joined());
    const byScore = sortPairs(byArea.payload, byArea.keys);
    return {
      ...head,
      kept: {
        negatives: encoded(negatives.joined().sort()),
        positives: encoded(byScore.keys),
        areas: encoded(byScore.payload),
      },
    };
  }

  /** Takes in what toJSON gave. */
  restore(functionName: string, state: Readonly<Record<string, unknown>>): void {
    const { regions } = state;
    if (typeof regions !== 'number' || !Number.isInteger(regions) || regions < 0) {
      throw new RangeError(
        `${functionName}: regions must be a whole number ≥ 0, but got ${valueText(regions)}.`,
      );
    }
    const { binned, kept } = state as { readonly [part: string]: Record<string, unknown> | undefined };
    if (binned !== undefined) {
      const [negatives, high, low] = dense(functionName, this.capacity, binned['bins'], {
        negatives: binned['negatives'],
        high: binned['high'],
        low: binned['low'],
      });
      this.count = checkWhole(`${functionName}: binned.count`, binned['count'], { least: 0 });
      this.kept = undefined;
      this.bins = { negatives: negatives!, high: high!, low: low! };
      this.negatives = sumOf(negatives!);
      this.regions = regions;
      return;
    }
    const part = (name: string): Int32Array => decodedKeys(`${functionName}: kept.${name}`, kept?.[name]);
    const [positives, areas] = [part('positives'), part('areas')];
    if (positives.length !== areas.length || !areas.every((area) => area > 0)) {
      throw new RangeError(`${functionName}: kept.areas must be whole numbers ≥ 1, one for each positive.`);
    }
    this.addKeys(part('negatives'), positives, areas, regions);
  }

  private addKeys(negatives: Int32Array, positives: Int32Array, areas: Int32Array, regions: number): void {
    this.count += negatives.length + positives.length;
    this.negatives += negatives.length;
    this.regions += regions;
    if (this.kept !== undefined && this.count <= this.capacity.exactUpTo) {
      this.kept.negatives.append(negatives);
      this.kept.positives.append(positives);
      this.kept.areas.append(areas);
      return;
    }
    this.countInto(this.binned(), negatives, positives, areas);
  }

  private countInto(bins: Bins, negatives: Int32Array, positives: Int32Array, areas: Int32Array): void {
    countKeys(bins.negatives, negatives, this.capacity);
    const shift = shiftOf(this.capacity);
    const half = this.capacity.bins / 2;
    const sum = new ShareSum();
    for (let i = 0; i < positives.length; i++) {
      const bin = (positives[i]! >> shift) + half;
      sum.set(bins.high[bin]!, bins.low[bin]!);
      sum.addShare(areas[i]!);
      bins.high[bin] = sum.high;
      bins.low[bin] = sum.low;
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
    const { negatives, positives, areas } = this.kept!;
    this.countInto(this.bins, negatives.joined(), positives.joined(), areas.joined());
    this.kept = undefined;
    return this.bins;
  }

  private steps(): OverlapSteps {
    const [negatives, regions] = [this.negatives, this.regions];
    if (this.bins === undefined) {
      const kept = this.kept!;
      return overlapSteps({
        positiveKeys: kept.positives.joined(),
        areas: kept.areas.joined(),
        negativeKeys: kept.negatives.joined(),
        negatives,
        regions,
        scoreOf: scoreOfKey,
      });
    }
    const bins = this.bins;
    const shift = shiftOf(this.capacity);
    const half = this.capacity.bins / 2;
    return {
      negatives,
      regions,
      visit: (step) => {
        const found = new ShareSum();
        let falsePositives = 0;
        let bin = bins.negatives.length - 1;
        const score = (): number => scoreOfKey((bin - half) << shift);
        for (; bin >= 0; bin--) {
          if (bins.negatives[bin] === 0 && bins.high[bin] === 0 && bins.low[bin] === 0) continue;
          found.add(bins.high[bin]!, bins.low[bin]!);
          falsePositives += bins.negatives[bin]!;
          if (step(score, found.value / regions, falsePositives) === false) return;
        }
      },
    };
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
  steps.visit((_, overlap, falsePositives) => {
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
  const { state, capacity } = checkState(functionName, given, kind);
  const counts = new OverlapCounts(capacity);
  counts.restore(functionName, state);
  return counts;
}
