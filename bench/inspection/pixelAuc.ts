import { rocAuc } from '../../src/index.js';
import type { TestPicture } from '../pictures/dataset.js';
import { joined } from './joined.js';

/** How well residual maps rank defective pixels above good ones; null where there is nothing to compare. */
export interface PixelAuc {
  /** ROC AUC over all pixels. */
  readonly all: number | null;
  /** The same over the pixels of the good images and of the images with one kind of defect. */
  readonly kinds: Readonly<Record<string, number | null>>;
}

export function pixelAucOf(test: readonly TestPicture[], maps: readonly Float32Array[]): PixelAuc {
  const over = (belongs: (kind: string) => boolean): number | null => {
    const indices = [...test.keys()].filter((index) => belongs(test[index]!.kind));
    return aucOf(
      joined(indices.map((index) => maps[index]!)),
      joined(indices.map((index) => test[index]!.mask)),
    );
  };
  const kinds = [...new Set(test.map(({ kind }) => kind))].filter((kind) => kind !== 'good');
  return {
    all: over(() => true),
    kinds: Object.fromEntries(kinds.map((kind) => [kind, over((of) => of === kind || of === 'good')])),
  };
}

/** Null unless there are both good and defective ones. */
export const aucOf = (scores: Float32Array, labels: Uint8Array): number | null =>
  labels.includes(0) && labels.includes(1) ? rocAuc(scores, labels) : null;
