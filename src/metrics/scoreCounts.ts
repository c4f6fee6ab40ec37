import { checkLabelled } from '../checks/arrays.js';
import type { Labels, Scores } from '../checks/arrays.js';
import { checkArguments, checkNumber } from '../checks/options.js';
import { alike } from '../ranking/keys.js';
import { splitScores, stepsOfRanked } from '../ranking/scoreSteps.js';
import type { ScoreSteps, SplitScores } from '../ranking/scoreSteps.js';
import { bestStep } from '../segmentation/thresholdAtF1.js';
import type { BestF1 } from '../segmentation/thresholdAtF1.js';
import {
  ScoreList,
  binRange,
  checkFilled,
  checkSameCapacity,
  countScores,
  lowerEdge,
  lowestOf,
  sumOf,
} from './accumulation.js';
import type { BoundedFigure, Capacity } from './accumulation.js';
import {
  byType,
  checkRestored,
  checkState,
  decodedScores,
  dense,
  encodedScores,
  sealed,
  sparse,
  stateOfOther,
} from './accumulatorState.js';
import type { Fields, State } from './accumulatorState.js';
import { averagePrecisionOf } from './averagePrecision.js';
import { precisionRecallCurveOf } from './precisionRecallCurve.js';
import type { PrecisionRecallCurve } from './precisionRecallCurve.js';
import { resolveRocAuc, rocArea } from './rocAuc.js';
import type { RocAucOptions } from './rocAuc.js';
import { rocCurveOf } from './rocCurve.js';
import type { RocCurve } from './rocCurve.js';

const kind = 'ssim-ae scores';
const bothLabels = ['positives', 'negatives'] as const;

/** Labelled scores, all of them while there are few, counted in bins when there are more. */
export class ScoreCounts {
  declare private readonly capacity: Capacity;
  declare count: number;
  declare private kept: { readonly positives: ScoreList; readonly negatives: ScoreList } | undefined;
  declare private bins: { readonly positives: Float64Array; readonly negatives: Float64Array } | undefined;

  constructor(capacity: Capacity) {
    this.capacity = capacity;
    this.count = 0;
    this.kept = { positives: new ScoreList(), negatives: new ScoreList() };
  }

  add(scores: Scores, labels: Labels): void {
    checkArguments('scoreAccumulator.add', arguments, 2);
    const checked = checkLabelled('scoreAccumulator.add', scores, labels);
    const positives = checked.labels.reduce((sum, label) => sum + label, 0);
    this.addScores(splitScores(checked.scores, checked.labels, positives));
  }

  merge(given: unknown): void {
    checkArguments('scoreAccumulator.merge', arguments, 1);
    const name = 'scoreAccumulator.merge';
    const other =
      given instanceof ScoreCounts
        ? given
        : restoredScores(name, stateOfOther('scoreAccumulator', given, kind));
    checkSameCapacity(name, this.capacity, other.capacity);
    if (other.bins !== undefined) {
      const [own, added] = [this.binned(), { ...other.bins }];
      for (const label of bothLabels) {
        const column = added[label].slice(); // it may be its own
        for (let bin = 0; bin < column.length; bin++) own[label][bin]! += column[bin]!;
      }
      this.count += other.count;
      return;
    }
    this.addScores({ positives: other.kept!.positives.joined(), negatives: other.kept!.negatives.joined() });
  }

  rocAuc(options: RocAucOptions = {}): BoundedFigure {
    checkArguments('scoreAccumulator.rocAuc', arguments, 1);
    const name = 'scoreAccumulator.rocAuc';
    const { limit, standardized } = resolveRocAuc(name, options);
    const steps = this.steps(name);
    const area = rocArea(name, steps, limit);
    const value = standardized(area);
    if (this.bins === undefined) return { value, errorBound: 0 };
    // Within a bin, the curve may take any way up from its one corner to the other.
    let [undecided, falsePositives] = [0, 0];
    steps.visit((positives, negatives) => {
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
    const name = 'scoreAccumulator.rocCurve';
    return rocCurveOf(name, this.steps(name));
  }

  precisionRecallCurve(): PrecisionRecallCurve {
    checkArguments('scoreAccumulator.precisionRecallCurve', arguments, 0);
    const name = 'scoreAccumulator.precisionRecallCurve';
    return precisionRecallCurveOf(name, this.steps(name));
  }

  averagePrecision(): BoundedFigure {
    checkArguments('scoreAccumulator.averagePrecision', arguments, 0);
    const name = 'scoreAccumulator.averagePrecision';
    const steps = this.steps(name);
    const value = averagePrecisionOf(name, steps);
    if (this.bins === undefined) return { value, errorBound: 0 };
    // Each of a bin's positives has a precision between that of the first with all negatives of the bin before
    // it, and that of the last with none of them.
    let [least, most, truePositives, found] = [0, 0, 0, 0];
    steps.visit((positives, negatives) => {
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
    const name = 'scoreAccumulator.bestF1';
    const steps = this.steps(name);
    const best = bestStep(name, steps);
    if (this.bins === undefined) return { ...best, errorBound: 0 };
    // A threshold within a bin may find its positives without its negatives.
    let [most, truePositives, found] = [0, 0, 0];
    steps.visit((positives, negatives) => {
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

  toJSON(): Fields {
    const head = { ...this.capacity, count: this.count };
    if (this.bins !== undefined) {
      const { bins, columns } = sparse([this.bins.positives, this.bins.negatives]);
      return sealed(kind, { ...head, binned: { bins, positives: columns[0], negatives: columns[1] } });
    }
    const [positives, negatives] = bothLabels.map((label) => encodedScores(byType(this.kept![label].blocks)));
    return sealed(kind, { ...head, kept: { positives, negatives } });
  }

  /** Takes in what toJSON gave. */
  restore(state: State): void {
    if (state.binned !== undefined) {
      const [positives, negatives] = dense(state, bothLabels);
      this.kept = undefined;
      this.bins = { positives: positives!, negatives: negatives! };
      this.count = sumOf(positives!) + sumOf(negatives!);
      return;
    }
    for (const label of bothLabels) {
      const { float32, float64 } = decodedScores(`${state.functionName}: kept.${label}`, state.kept![label]);
      for (const scores of [float32, float64]) {
        this.kept![label].append(scores);
        this.count += scores.length;
      }
    }
  }

  /** A figure of what scores ≥ the threshold and what is labelled 1 have in common. */
  private overlapAt(
    name: string,
    threshold: number,
    figure: (both: number, either: number) => number,
  ): BoundedFigure {
    const least = checkNumber(`${name}: threshold`, threshold);
    const steps = this.steps(name);
    let [positives, negatives, undecided] = [0, 0, { positives: 0, negatives: 0 }];
    // The bin that the threshold lies in, by its lower edge; scores themselves are never undecided.
    const edge = this.bins === undefined ? least : lowerEdge(least, this.capacity);
    steps.visit((ofPositives, ofNegatives, key) => {
      const at = steps.scoreOf(key);
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

  private addScores(scores: SplitScores): void {
    this.count += scores.positives.length + scores.negatives.length;
    if (this.kept !== undefined && this.count <= this.capacity.exactUpTo) {
      for (const label of bothLabels) this.kept[label].append(scores[label]);
      return;
    }
    const bins = this.binned();
    for (const label of bothLabels) countScores(bins[label], scores[label], this.capacity);
  }

  private binned(): { readonly positives: Float64Array; readonly negatives: Float64Array } {
    if (this.bins !== undefined) return this.bins;
    const { bins } = this.capacity;
    this.bins = { positives: new Float64Array(bins), negatives: new Float64Array(bins) };
    for (const label of bothLabels) {
      for (const block of this.kept![label].blocks) countScores(this.bins[label], block, this.capacity);
    }
    this.kept = undefined;
    return this.bins;
  }

  /** The steps of what was added, for a figure of it. */
  private steps(functionName: string): ScoreSteps {
    checkFilled(functionName, this.count);
    if (this.bins === undefined) {
      const [positives, negatives] = alike(bothLabels.map((label) => this.kept![label].joined()));
      return stepsOfRanked({ positives, negatives } as SplitScores<Int32Array> | SplitScores<Float64Array>);
    }
    const { positives, negatives } = this.bins;
    const [first, last] = binRange(this.capacity);
    return {
      positives: sumOf(positives),
      negatives: sumOf(negatives),
      visit: (step) => {
        for (let bin = last; bin >= first; bin--) {
          if (positives[bin] === 0 && negatives[bin] === 0) continue;
          if (step(positives[bin]!, negatives[bin]!, bin) === false) return;
        }
      },
      scoreOf: (bin) => lowestOf(bin, this.capacity),
    };
  }
}

/** A parsed state, checked, as counts. */
export function restoredScores(functionName: string, given: unknown): ScoreCounts {
  const state = checkState(functionName, given, kind);
  const counts = new ScoreCounts(state.capacity);
  counts.restore(state);
  checkRestored(state, counts);
  return counts;
}
