import { auPro, rocAuc } from '../../src/index.js';
import type { TestPicture } from '../pictures/dataset.js';
import { aucOf, pixelAucOf } from '../inspection/pixelAuc.js';
import { scores } from './scores.js';

/** How well maps find defects. */
export interface Figures {
  /** ROC AUC of all pixels. */
  readonly pixels: number;
  /** Mean over defective images of the ROC AUC within each. */
  readonly within: number;
  readonly auPro: number;
  /** ROC AUC of all pixels of the good images and those of a kind. */
  readonly kinds: Readonly<Record<string, number | null>>;
  /** ROC AUC of images, by each score. */
  readonly images: Readonly<Record<string, number>>;
}

export function figuresOf(test: readonly TestPicture[], maps: readonly Float32Array[]): Figures {
  const { all, kinds } = pixelAucOf(test, maps);
  const each = test.flatMap(({ mask }, k) => aucOf(maps[k]!, mask) ?? []);
  const labels = test.map(({ kind }) => (kind === 'good' ? 0 : 1));
  const { height, width } = test[0]!;
  return {
    pixels: all!,
    within: each.reduce((sum, value) => sum + value, 0) / each.length,
    auPro: auPro(
      [...maps],
      test.map(({ mask }) => mask),
      { height, width },
    ),
    kinds,
    images: Object.fromEntries(
      Object.entries(scores).map(([name, score]) => [
        name,
        rocAuc(
          test.map((picture, k) => score(maps[k]!, picture)),
          labels,
        ),
      ]),
    ),
  };
}
