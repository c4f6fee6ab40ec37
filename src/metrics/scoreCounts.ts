import { checkLabelled } from '../checks/arrays.js';
import type { Labels, Scores } from '../checks/arrays.js';
import { checkArguments, checkNumber } from '../checks/options.js';
import { keysOf, scoreOfKey } from '../ranking/keys.js';
import { splitKeys, stepsOfKeys } from '../ranking/scoreSteps.js';
import type { ScoreSteps } from '../ranking/scoreSteps.js';
import { bestStep } from '../segmentation/thresholdAtF1.js';
import type { BestF1 } from '../segmentation/thresholdAtF1.js';
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
import { averagePrecisionOf } from './averagePrecision.js';
import { precisionRecallCurveOf } from './precisionRecallCurve.js';
import type { PrecisionRecallCurve } from './precisionRecallCurve.js';
import { resolveRocAuc, rocArea } from './rocAuc.js';
import type { RocAucOptions } from './rocAuc.js';
import { rocCurveOf } from './rocCurve.js';
import type { RocCurve } from './rocCurve.js';

const kind = 'ssim-ae scores';

/** Labelled scores, all of them while there are few, counted in bins when there are more. */
export class ScoreCounts {
  declare private readonly capacity: Capacity;
  declare count: number;
  declare private kept: { readonly positives: KeyList; readonly negatives: KeyList } | undefined;
  declare private bins: { readonly positives: Float64Array; readonly negatives: Float64Array } | undefined;

  constructor(capacity: Capacity) {
    this.capacity = capacity;
    this.count = 0;
    this.kept = { positives: new KeyList(), negatives: new KeyList() };
  }

  add(scores: Scores, labels: Labels): void {
    checkArguments('scoreAccumulator.add', arguments, 2);
    const checked = checkLabelled('scoreAccumulator.add', scores, labels);
    const positives = checked.labels.reduce((sum, label) => sum + label, 0);
    this.addKeys(splitKeys(Float32Array.from(checked.scores), checked.labels, positives));
  }

  merge(other: unknown): void {
    checkArguments('scoreAccumulator.merge', arguments, 1);
    if (!(other instanceof ScoreCounts)) {
      throw notAnAccumulator('scoreAccumulator', other);
    }
    checkSameCapacity('scoreAccumulator.merge', this.capacity, other.capacity);
    if (other.bins !== undefined) {
      const [own, added] = [this.binned(), { ...other.bins }];
      for (const label of ['positives', 'negatives'] as const) {
        const column = added[label].slice(); // it may be its own
        for (let bin = 0; bin < column.length; bin++) own[label][bin]! += column[bin]!;
      }
      this.count += other.count;
      return;
    }
    this.addKeys({ positives: other.kept!.positives.joined(), negatives: other.kept!.negatives.joined() });
  }

  rocAuc(options: RocAucOptions = {}): BoundedFigure {
    checkArguments('scoreAccumulator.rocAuc', arguments, 1);
    const name = 'scoreAccumulator.rocAuc';
    const { limit, standardized } = resolveRocAuc(name, options);
    const steps = this.steps();
    const area = rocArea(name, steps, limit);
    const value = standardized(area);
    if (this.bins === undefined) return { value, errorBound: 0 };
    // Within a bin, the curve may take any way up from its one corner to the other.
    let [undecided, falsePositives] = [0, 0];
    steps.visit((_, positives, negatives) => {
      const part = Math.min(negatives, limit * steps.negatives - falsePositives);
      undecided += part * positives * (1 - part / (negatives === 0 ? 1 : negatives) / 2);
      falsePositives += negatives;
      return part === negatives;
    });
    const error = undecided / steps.positives / steps.negatives;
    return { value, errorBound: standardized(area + error) - value };
  }

  rocCurve(): RocCurve {
    checkArguments('scoreAccumulator.rocCurve', arguments, 0);
    return rocCurveOf('scoreAccumulator.rocCurve', this.steps());
  }

  precisionRecallCurve(): PrecisionRecallCurve {
    checkArguments('scoreAccumulator.precisionRecallCurve', arguments, 0);
    return precisionRecallCurveOf('scoreAccumulator.precisionRecallCurve', this.steps());
  }

  averagePrecision(): BoundedFigure {
    checkArguments('scoreAccumulator.averagePrecision', arguments, 0);
    const steps = this.steps();
    const value = averagePrecisionOf('scoreAccumulator.averagePrecision', steps);
    if (this.bins === undefined) return { value, errorBound: 0 };
    // Each of a bin's positives has a precision between that of the first with all negatives of the bin before
    // it, and that of the last with none of them.
    let [least, most, truePositives, found] = [0, 0, 0, 0];
    steps.visit((_, positives, negatives) => {
      if (positives > 0) {
        least += (positives * (truePositives + 1)) / (found + negatives + 1);
        most += (positives * (truePositives + positives)) / (found + positives);
      }
      truePositives += positives;
      found += positives + negatives;
    });
    return {
      value,
      errorBound: Math.max(most / steps.positives - value, value - least / steps.positives),
    };
  }

  bestF1(): BestF1 & { readonly errorBound: number } {
    checkArguments('scoreAccumulator.bestF1', arguments, 0);
    const steps = this.steps();
    const best = bestStep('scoreAccumulator.bestF1', steps);
    if (this.bins === undefined) return { ...best, errorBound: 0 };
    // A threshold within a bin may find its positives without its negatives.
    let [most, truePositives, found] = [0, 0, 0];
    steps.visit((_, positives, negatives) => {
      most = Math.max(most, (2 * (truePositives + positives)) / (found + positives + steps.positives));
      truePositives += positives;
      found += positives + negatives;
    });
    return { ...best, errorBound: most - best.f1 };
  }

  iou(threshold: number): BoundedFigure {
    checkArguments('scoreAccumulator.iou', arguments, 1);
    return this.overlapAt('scoreAccumulator.iou', threshold, (both, either) => both / either);
  }

  dice(threshold: number): BoundedFigure {
    checkArguments('scoreAccumulator.dice', arguments, 1);
    return this.overlapAt('scoreAccumulator.dice', threshold, (both, either) => (2 * both) / (either + both));
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const head = { kind, ...this.capacity };
    if (this.bins !== undefined) {
      const { bins, columns } = sparse([this.bins.positives, this.bins.negatives]);
      return { ...head, binned: { bins, positives: columns[0], negatives: columns[1] } };
    }
    const { positives, negatives } = this.kept!;
    return {
      ...head,
      kept: { positives: encoded(positives.joined().sort()), negatives: encoded(negatives.joined().sort()) },
    };
  }

  /** Takes in what toJSON gave. */
  restore(functionName: string, state: Readonly<Record<string, unknown>>): void {
    const { binned, kept } = state as { readonly [part: string]: Record<string, unknown> | undefined };
    if (binned !== undefined) {
      const [positives, negatives] = dense(functionName, this.capacity, binned['bins'], {
        positives: binned['positives'],
        negatives: binned['negatives'],
      });
      this.kept = undefined;
      this.bins = { positives: positives!, negatives: negatives! };
      this.count = sumOf(positives!) + sumOf(negatives!);
      return;
    }
    this.addKeys({
      positives: decodedKeys(`${functionName}: kept.positives`, kept?.['positives']),
      negatives: decodedKeys(`${functionName}: kept.negatives`, kept?.['negatives']),
    });
  }

  /** A figure of what scores ≥ the threshold and what is labelled 1 have in common. */
  private overlapAt(
    name: string,
    threshold: number,
    figure: (both: number, either: number) => number,
  ): BoundedFigure {
    const least = checkNumber(`${name}: threshold`, threshold);
    const steps = this.steps();
    let [positives, negatives, undecided] = [0, 0, { positives: 0, negatives: 0 }];
    // The bin that the threshold lies in, by its lower edge; scores themselves are never undecided.
    const edge = this.bins === undefined ? least : this.lowerEdge(least);
    steps.visit((score, ofPositives, ofNegatives) => {
      const at = score();
      if (at < edge) return false;
      if (at < least) undecided = { positives: ofPositives, negatives: ofNegatives };
      else {
        positives += ofPositives;
        negatives += ofNegatives;
      }
      return true;
    });
    const of = (truePositives: number, falsePositives: number): number => {
      const either = steps.positives + falsePositives;
      return either === 0 ? 1 : figure(truePositives, either);
    };
    const value = of(positives + undecided.positives, negatives + undecided.negatives);
    const [fewest, most] = [
      of(positives, negatives + undecided.negatives),
      of(positives + undecided.positives, negatives),
    ];
    return { value, errorBound: Math.max(value - fewest, most - value) };
  }

  /** The lower edge of the bin of a score. */
  private lowerEdge(score: number): number {
    const shift = shiftOf(this.capacity);
    const [key] = keysOf(Float32Array.of(score));
    return scoreOfKey((key! >> shift) << shift);
  }

  private addKeys(keys: { readonly positives: Int32Array; readonly negatives: Int32Array }): void {
    this.count += keys.positives.length + keys.negatives.length;
    if (this.kept !== undefined && this.count <= this.capacity.exactUpTo) {
      this.kept.positives.append(keys.positives);
      this.kept.negatives.append(keys.negatives);
      return;
    }
    const bins = this.binned();
    for (const label of ['positives', 'negatives'] as const)
      countKeys(bins[label], keys[label], this.capacity);
  }

  private binned(): { readonly positives: Float64Array; readonly negatives: Float64Array } {
    if (this.bins !== undefined) return this.bins;
    const { bins } = this.capacity;
    this.bins = { positives: new Float64Array(bins), negatives: new Float64Array(bins) };
    for (const label of ['positives', 'negatives'] as const) {
      for (const block of this.kept![label].blocks) countKeys(this.bins[label], block, this.capacity);
    }
    this.kept = undefined;
    return this.bins;
  }

  private steps(): ScoreSteps {
    if (this.bins === undefined) {
      return stepsOfKeys(this.kept!.positives.joined(), this.kept!.negatives.joined());
    }
    const { positives, negatives } = this.bins;
    const shift = shiftOf(this.capacity);
    const half = this.capacity.bins / 2;
    return {
      positives: sumOf(positives),
      negatives: sumOf(negatives),
      visit: (step) => {
        let bin = positives.length - 1;
        // The least score that falls into the bin.
        const score = (): number => scoreOfKey((bin - half) << shift);
        for (; bin >= 0; bin--) {
          if (positives[bin] === 0 && negatives[bin] === 0) continue;
          if (step(score, positives[bin]!, negatives[bin]!) === false) return;
        }
      },
    };
  }
}

/** A parsed state, checked, as counts. */
export function restoredScores(functionName: string, given: unknown): ScoreCounts {
  const { state, capacity } = checkState(functionName, given, kind);
  const counts = new ScoreCounts(capacity);
  counts.restore(functionName, state);
  return counts;
}
