import { checkLabelled } from '../checks/arrays.js';
import type { Labels, Scores } from '../checks/arrays.js';
import { checkArguments, checkNumber, checkOneArgument } from '../checks/options.js';
import { alike, joined } from '../ranking/keys.js';
import type { RankedScores } from '../ranking/keys.js';
import { splitScores, stepsOfRanked } from '../ranking/scoreSteps.js';
import type { ScoreSteps, SplitScores } from '../ranking/scoreSteps.js';
import { bestStep } from '../segmentation/thresholdAtF1.js';
import type { BestF1 } from '../segmentation/thresholdAtF1.js';
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
} from './accumulatorJSON.js';
import type { Fields, ScoresByType } from './accumulatorJSON.js';
import { averagePrecisionOf } from './averagePrecision.js';
import { precisionRecallCurveOf } from './precisionRecallCurve.js';
import type { PrecisionRecallCurve } from './precisionRecallCurve.js';
import { resolveRocAuc, rocArea } from './rocAuc.js';
import type { RocAucOptions } from './rocAuc.js';
import { rocCurveOf } from './rocCurve.js';
import type { RocCurve } from './rocCurve.js';
import { addCounts, countScores, lengthOf, lowerEdge, lowestOf, sumOf, usedBins } from './scoreBins.js';
import { Tally, append } from './tally.js';
import type { BoundedFigure, Capacity, Gathering } from './tally.js';

const kind = 'ssim-ae scores';
const bothLabels = ['positives', 'negatives'] as const;

/** One for either label. */
type Labelled<Of> = Readonly<Record<(typeof bothLabels)[number], Of>>;
type Kept = Labelled<RankedScores[]>;
type Binned = Labelled<Float64Array>;

/** Scores in lists, or how many there are in each bin. */
const gathering: Gathering<Kept, Binned> = {
  noneKept: () => ({ positives: [], negatives: [] }),
  noneBinned: (bins) => ({ positives: new Float64Array(bins), negatives: new Float64Array(bins) }),
  countOf: ({ positives, negatives }) => lengthOf(positives) + lengthOf(negatives),
  keep: (kept, part) => bothLabels.forEach((label) => append(kept[label], part[label])),
  bin: (binned, part) => bothLabels.forEach((label) => countScores(binned[label], part[label])),
  sum: (binned, other) => bothLabels.forEach((label) => addCounts(binned[label], other[label])),
};

/** Labelled scores. */
export class ScoreCounts {
  declare private readonly tally: Tally<Kept, Binned>;

  constructor(tally: Tally<Kept, Binned>) {
    this.tally = tally;
  }

  static ofNone(capacity: Capacity): ScoreCounts {
    return new ScoreCounts(new Tally(gathering, capacity));
  }

  get count(): number {
    return this.tally.count;
  }

  add(scores: Scores, labels: Labels): void {
    checkArguments('scoreAccumulator.add', arguments, 2);
    const checked = checkLabelled('scoreAccumulator.add', scores, labels);
    const positives = checked.labels.reduce((sum, label) => sum + label, 0);
    const split = splitScores(checked.scores, checked.labels, positives);
    this.tally.add({ positives: [split.positives], negatives: [split.negatives] });
  }

  merge(given: unknown): void {
    checkOneArgument('scoreAccumulator.merge', arguments);
    const name = 'scoreAccumulator.merge';
    const other =
      given instanceof ScoreCounts
        ? given
        : restoredScores(name, stateOfOther('scoreAccumulator', given, kind));
    this.tally.merge(name, other.tally);
  }

  rocAuc(options: RocAucOptions = {}): BoundedFigure {
    checkOneArgument('scoreAccumulator.rocAuc', arguments);
    const name = 'scoreAccumulator.rocAuc';
    const { limit, standardized } = resolveRocAuc(name, options);
    const steps = this.steps(name);
    const area = rocArea(name, steps, limit);
    const value = standardized(area);
    if (this.tally.isExact) return { value, errorBound: 0 };
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
    checkArguments('scoreAccumulator.rocCurve', arguments, 0, 'no arguments');
    const name = 'scoreAccumulator.rocCurve';
    return rocCurveOf(name, this.steps(name));
  }

  precisionRecallCurve(): PrecisionRecallCurve {
    checkArguments('scoreAccumulator.precisionRecallCurve', arguments, 0, 'no arguments');
    const name = 'scoreAccumulator.precisionRecallCurve';
    return precisionRecallCurveOf(name, this.steps(name));
  }

  averagePrecision(): BoundedFigure {
    checkArguments('scoreAccumulator.averagePrecision', arguments, 0, 'no arguments');
    const name = 'scoreAccumulator.averagePrecision';
    const steps = this.steps(name);
    const value = averagePrecisionOf(name, steps);
    if (this.tally.isExact) return { value, errorBound: 0 };
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
    checkArguments('scoreAccumulator.bestF1', arguments, 0, 'no arguments');
    const name = 'scoreAccumulator.bestF1';
    const steps = this.steps(name);
    const best = bestStep(name, steps);
    if (this.tally.isExact) return { ...best, errorBound: 0 };
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
    checkOneArgument('scoreAccumulator.iou', arguments);
    return this.overlapAt('scoreAccumulator.iou', threshold, (both, either) => both / either);
  }

  dice(threshold: number): BoundedFigure {
    checkOneArgument('scoreAccumulator.dice', arguments);
    return this.overlapAt('scoreAccumulator.dice', threshold, (both, either) => (2 * both) / (either + both));
  }

  toJSON(): Fields {
    const { capacity, count } = this.tally;
    const contents = this.tally.read<Fields>(
      ({ positives, negatives }) => ({
        kept: { positives: encodedScores(byType(positives)), negatives: encodedScores(byType(negatives)) },
      }),
      ({ positives, negatives }) => ({ binned: sparse({ positives, negatives }) }),
    );
    return sealed(kind, { ...capacity, count, ...contents });
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
    const edge = this.tally.isExact ? least : lowerEdge(least, this.tally.capacity.bins);
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

  /** The steps of what was added, for a figure of it. */
  private steps(functionName: string): ScoreSteps {
    this.tally.checkFilled(functionName);
    return this.tally.read(
      (kept) => {
        const [positives, negatives] = alike([joined(kept.positives), joined(kept.negatives)]);
        return stepsOfRanked({ positives, negatives } as SplitScores<Int32Array> | SplitScores<Float64Array>);
      },
      ({ positives, negatives }) => {
        const used = usedBins([positives, negatives]);
        return {
          positives: sumOf(positives),
          negatives: sumOf(negatives),
          visit: (step) => {
            for (let k = used.length - 1; k >= 0; k--) {
              const bin = used[k]!;
              if (step(positives[bin]!, negatives[bin]!, bin) === false) return;
            }
          },
          scoreOf: (bin) => lowestOf(bin, this.tally.capacity.bins),
        };
      },
    );
  }
}

/** A parsed state, checked. */
export function restoredScores(functionName: string, given: unknown): ScoreCounts {
  const state = checkState(functionName, given, kind);
  const { capacity, contents } = state;
  let tally: Tally<Kept, Binned>;
  if ('kept' in contents) {
    const [positives, negatives] = bothLabels.map((label) =>
      decodedScores(`${functionName}: kept.${label}`, contents.kept[label]),
    ) as [ScoresByType, ScoresByType];
    tally = new Tally(gathering, capacity);
    tally.add({
      positives: [positives.float32, positives.float64],
      negatives: [negatives.float32, negatives.float64],
    });
  } else {
    const binned = dense(state, contents.binned, bothLabels);
    tally = new Tally(gathering, capacity, { binned }, sumOf(binned.positives) + sumOf(binned.negatives));
  }
  const restored = new ScoreCounts(tally);
  checkRestored(state, restored);
  return restored;
}
