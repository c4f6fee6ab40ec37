import { rocCurve } from '../../../src/index.js';
import { figuresOf, isCounted } from '../../inspection/figures.js';
import type { Figures } from '../../inspection/figures.js';
import { joined } from '../../inspection/joined.js';
import type { TestPicture } from '../../pictures/dataset.js';

/** Of all images, and without those with fewer defective pixels; null if none or all defective ones are so. */
export function figuresByDefectSize(
  test: readonly TestPicture[],
  maps: readonly Float32Array[],
  leastDefect: number,
): { readonly all: Figures; readonly large: Figures | null } {
  const isLarge = test.map((picture) => isCounted(picture, leastDefect));
  const large = test.filter((_, index) => isLarge[index]);
  const some = large.length < test.length && large.some(({ kind }) => kind !== 'good');
  return {
    all: figuresOf(test, maps),
    large: some
      ? figuresOf(
          large,
          maps.filter((_, index) => isLarge[index]),
        )
      : null,
  };
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
