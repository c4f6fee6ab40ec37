import { proAccumulator, rocAuc } from '../../src/index.js';
import type { TestPicture } from '../pictures/dataset.js';
import { joined } from './joined.js';

/** How well residual maps rank defective pixels above good ones; null where there is nothing to compare. */
export interface PixelAuc {
  /** ROC AUC over all pixels. */
  readonly pixels: number | null;
  /** The same over the pixels of the good images and of the images with one kind of defect. */
  readonly kinds: Readonly<Record<string, number | null>>;
}

/** How well a residual map tells defective from good; null where there is nothing to compare. */
export interface Figures extends PixelAuc {
  /** The mean over defective images of the ROC AUC within each: what remains if whole images may glow. */
  readonly within: number | null;
  /** Area under the per-region overlap curve up to a false positive rate of 0.3. */
  readonly auPro: number | null;
  /** ROC AUC of whole images, each by its largest residual. */
  readonly images: number | null;
  /** The same, each by the mean of the hundredth of its pixels that shine most. */
  readonly imagesTop: number | null;
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
    pixels: over(() => true),
    kinds: Object.fromEntries(kinds.map((kind) => [kind, over((of) => of === kind || of === 'good')])),
  };
}

export function figuresOf(test: readonly TestPicture[], maps: readonly Float32Array[]): Figures {
  const inside = test.flatMap(({ mask }, index) => aucOf(maps[index]!, mask) ?? []);
  return {
    ...pixelAucOf(test, maps),
    within: inside.length === 0 ? null : inside.reduce((sum, auc) => sum + auc, 0) / inside.length,
    auPro: proOf(test, maps),
    images: imageAucOf(test, maps.map(largest)),
    imagesTop: imageAucOf(
      test,
      maps.map((map) => meanOfTop(map, 0.01)),
    ),
  };
}

/** ROC AUC of images by their scores. */
export const imageAucOf = (test: readonly TestPicture[], scores: readonly number[]): number | null =>
  aucOf(
    Float32Array.from(scores),
    Uint8Array.from(test, ({ kind }) => (kind === 'good' ? 0 : 1)),
  );

/** Null unless there are both good and defective ones. */
const aucOf = (scores: Float32Array, labels: Uint8Array): number | null =>
  labels.includes(0) && labels.includes(1) ? rocAuc(scores, labels) : null;

export const largest = (map: Float32Array): number =>
  map.reduce((most, value) => Math.max(most, value), -Infinity);

/** The mean of the share of pixels that shine most: as `imageScore` with its method `topK`. */
export function meanOfTop(map: Float32Array, share: number): number {
  const count = Math.max(1, Math.round(share * map.length));
  return (
    map
      .slice()
      .sort()
      .subarray(-count)
      .reduce((sum, value) => sum + value, 0) / count
  );
}

/** Image by image, since sizes may differ. */
function proOf(test: readonly TestPicture[], maps: readonly Float32Array[]): number | null {
  const labels = test.map(({ mask }) => mask);
  if (!labels.some((mask) => mask.includes(1)) || !labels.some((mask) => mask.includes(0))) return null;
  const accumulator = proAccumulator({ exactUpTo: labels.reduce((sum, { length }) => sum + length, 0) });
  test.forEach(({ mask, height, width }, index) => accumulator.add(maps[index]!, mask, { height, width }));
  return accumulator.auPro().value;
}

/** A good image, or one whose defects have so many pixels. */
export const isCounted = ({ kind, mask }: TestPicture, leastDefect: number): boolean =>
  kind === 'good' || mask.reduce((sum, value) => sum + value, 0) >= leastDefect;
