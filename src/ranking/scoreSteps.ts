import { isArrayOf, isFloat32Array } from '../checks/typedArrays.js';
import { bitsOf, keyOfBits, rankedScores, scoreOfKey } from './keys.js';
import type { RankedScores } from './keys.js';
import { sortKeys } from './radixSort.js';
import { walkDown } from './walk.js';

/** Labelled scores as their distinct values, from the highest down: equal scores are one step. */
export interface ScoreSteps {
  /** How many scores are labelled 1, and 0. */
  readonly positives: number;
  readonly negatives: number;
  /** Visits each step with how many scores of either label it holds and its key, until a visit gives false. */
  readonly visit: (step: (positives: number, negatives: number, key: number) => boolean | void) => void;
  /** The score that a key stands for. */
  readonly scoreOf: (key: number) => number;
}

/** What has been found at every step, from none on: counts of either label, and the scores, the first Infinity. */
export function cumulative(steps: ScoreSteps): {
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
  readonly thresholds: Float64Array;
} {
  let length = 1;
  steps.visit(() => void length++);
  const [positives, negatives] = [new Float64Array(length), new Float64Array(length)];
  const thresholds = new Float64Array(length).fill(Infinity);
  let step = 0;
  steps.visit((ofPositives, ofNegatives, key) => {
    thresholds[++step] = steps.scoreOf(key);
    positives[step] = positives[step - 1]! + ofPositives;
    negatives[step] = negatives[step - 1]! + ofNegatives;
  });
  return { positives, negatives, thresholds };
}

/** The steps of checked scores. */
export function scoreSteps(scores: Float32Array | Float64Array, labels: Uint8Array): ScoreSteps {
  let positives = 0;
  for (let i = 0; i < labels.length; i++) positives += labels[i]!;
  return stepsOfRanked(splitScores(scores, labels, positives));
}

/** Scores of either label. */
export interface SplitScores<Ranked extends RankedScores = RankedScores> {
  readonly positives: Ranked;
  readonly negatives: Ranked;
}

/** The scores with either label, of which `count` are 1, as they come. */
export function splitScores(
  scores: Float32Array | Float64Array,
  labels: Uint8Array,
  count: number,
): SplitScores<Int32Array> | SplitScores<Float64Array> {
  if (isFloat32Array(scores)) return splitKeys(scores, labels, count);
  const [positives, negatives] = [new Float64Array(count), new Float64Array(scores.length - count)];
  const ranked = rankedScores(scores);
  for (let i = 0, p = 0, n = 0; i < ranked.length; i++) {
    if (labels[i] === 1) positives[p++] = ranked[i]!;
    else negatives[n++] = ranked[i]!;
  }
  return { positives, negatives };
}

function splitKeys(scores: Float32Array, labels: Uint8Array, count: number): SplitScores<Int32Array> {
  const bits = bitsOf(scores);
  const [positives, negatives] = [new Int32Array(count), new Int32Array(scores.length - count)];
  for (let i = 0, p = 0, n = 0; i < bits.length; i++) {
    const key = keyOfBits(bits[i]!);
    if (labels[i] === 1) positives[p++] = key;
    else negatives[n++] = key;
  }
  return { positives, negatives };
}

/** The steps of scores in any order, both float32 or both float64; uses the arrays up. */
export function stepsOfRanked({
  positives,
  negatives,
}: SplitScores<Int32Array> | SplitScores<Float64Array>): ScoreSteps {
  if (isArrayOf('Int32Array', positives)) {
    return stepsOf(sortKeys(positives), sortKeys(negatives as Int32Array), scoreOfKey);
  }
  return stepsOf(positives.sort(), (negatives as Float64Array).sort(), (score) => score);
}

/** Either label has an array of its own, so that no label needs to be carried through the sort. */
const stepsOf = <Keys extends RankedScores>(
  positives: Keys,
  negatives: Keys,
  scoreOf: (key: number) => number,
): ScoreSteps => ({
  positives: positives.length,
  negatives: negatives.length,
  visit: (step) => walkDown(positives, negatives, step),
  scoreOf,
});
