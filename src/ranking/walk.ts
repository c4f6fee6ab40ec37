import type { RankedScores } from './keys.js';

/**
 * Walks two ascending arrays of keys together, from the highest key down: each step is told how many entries of
 * either array hold its key, until one gives false. What goes along with the entries stays outside: they come in the
 * order of their arrays, from the ends.
 */
export function walkDown<Keys extends RankedScores>(
  first: Keys,
  second: Keys,
  step: (ofFirst: number, ofSecond: number, key: number) => boolean | void,
): void {
  let [f, s] = [first.length - 1, second.length - 1];
  while (f >= 0 || s >= 0) {
    const key = s < 0 || (f >= 0 && first[f]! > second[s]!) ? first[f]! : second[s]!;
    const [f0, s0] = [f, s];
    while (f >= 0 && first[f] === key) f--;
    while (s >= 0 && second[s] === key) s--;
    if (step(f0 - f, s0 - s, key) === false) return;
  }
}
