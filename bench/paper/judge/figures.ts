import { proAccumulator, rocCurve } from '../../../src/index.js';
import { joined } from '../../inspection/joined.js';
import { aucOf, pixelAucOf } from '../../inspection/pixelAuc.js';
import type { TestPicture } from '../../pictures/dataset.js';

/** How well a residual map tells defective from good; null where there is nothing to compare. */
export interface Figures {
  /** ROC AUC over all pixels. */
  readonly pixels: number | null;
  /** The same over the pixels of the good images and of the images with one kind of defect. */
  readonly kinds: Readonly<Record<string, number | null>>;
  /** The mean over defective images of the ROC AUC within each: what remains if whole images may glow. */
  readonly within: number | null;
  /** Area under the per-region overlap curve up to a false positive rate of 0.3. */
  readonly auPro: number | null;
  /** ROC AUC of whole images, each by its largest residual. */
  readonly images: number | null;
  /** The same, each by the mean of the hundredth of its pixels that shine most. */
  readonly imagesTop: number | null;
}

export function figuresOf(test: readonly TestPicture[], maps: readonly Float32Array[]): Figures {
  const { all: pixels, kinds } = pixelAucOf(test, maps);
  const inside = test
    .map(({ mask }, index) => aucOf(maps[index]!, mask))
    .filter((auc): auc is number => auc !== null);
  const defective = Uint8Array.from(test, ({ kind }) => (kind === 'good' ? 0 : 1));
  return {
    pixels,
    kinds,
    within: inside.length === 0 ? null : inside.reduce((sum, auc) => sum + auc, 0) / inside.length,
    auPro: proOf(test, maps),
    images: aucOf(
      Float32Array.from(maps, (map) => map.reduce((most, value) => Math.max(most, value), -Infinity)),
      defective,
    ),
    imagesTop: aucOf(Float32Array.from(maps, meanOfTop), defective),
  };
}

/** Of all images, and without those with fewer defective pixels; null if none or all defective ones are so. */
export function figuresByDefectSize(
  test: readonly TestPicture[],
  maps: readonly Float32Array[],
  leastDefect: number,
): { readonly all: Figures; readonly large: Figures | null } {
  const large = [...test.keys()].filter((index) => {
    const { kind, mask } = test[index]!;
    return kind === 'good' || mask.reduce((sum, value) => sum + value, 0) >= leastDefect;
  });
  const some = large.length < test.length && large.some((index) => test[index]!.kind !== 'good');
  return {
    all: figuresOf(test, maps),
    large: some
      ? figuresOf(
          large.map((index) => test[index]!),
          large.map((index) => maps[index]!),
        )
      : null,
  };
}

/** As `imageScore` with its method `topK`. */
function meanOfTop(map: Float32Array): number {
  const top = map
    .slice()
    .sort()
    .subarray(-Math.max(1, Math.round(map.length / 100)));
  return top.reduce((sum, value) => sum + value, 0) / top.length;
}

/** Image by image, since sizes may differ. */
function proOf(test: readonly TestPicture[], maps: readonly Float32Array[]): number | null {
  const pixels = test.reduce((sum, { mask }) => sum + mask.length, 0);
  const accumulator = proAccumulator({ exactUpTo: pixels });
  test.forEach(({ mask, height, width }, index) => accumulator.add(maps[index]!, mask, { height, width }));
  const labels = test.map(({ mask }) => mask);
  return labels.some((mask) => mask.includes(1)) && labels.some((mask) => mask.includes(0))
    ? accumulator.auPro().value
    : null;
}

/** [false positive rate, true positive rate], few enough points to draw. */
export function curveOf(
  test: readonly TestPicture[],
  maps: readonly Float32Array[],
  points = 160,
): [number, number][] {
  const labels = joined(test.map(({ mask }) => mask));
  if (!labels.includes(0) || !labels.includes(1)) return [];
  const { falsePositiveRate, truePositiveRate } = rocCurve(joined(maps), labels);
  const curve: [number, number][] = [];
  for (let k = 0; k < falsePositiveRate.length; k++) {
    const point: [number, number] = [falsePositiveRate[k]!, truePositiveRate[k]!];
    const last = curve.at(-1);
    const moved = last === undefined ? 1 : Math.max(point[0] - last[0], point[1] - last[1]);
    if (moved >= 1 / points || k === falsePositiveRate.length - 1) curve.push(point);
  }
  return curve;
}
