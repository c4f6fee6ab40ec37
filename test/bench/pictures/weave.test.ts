import { describe, expect, test } from 'vitest';
import {
  defectKinds,
  greyKinds,
  structuralKinds,
  weaveDataset,
  weavePicture,
} from '../../../bench/pictures/weave.js';
import { randomFrom } from '../../../bench/running/random.js';

const size = 96;
const few = { size, train: 2, good: 1, ofEachKind: 1 };
const pictures = (kind: (typeof defectKinds)[number]): ReturnType<typeof weavePicture>[] => {
  const random = randomFrom(5);
  return Array.from({ length: 4 }, (_, index) => weavePicture(random, kind, size, `${kind}/${index}`));
};

describe('the woven fabric', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(weaveDataset(3, few)).toEqual(weaveDataset(3, few));
    expect(weaveDataset(4, few).train[0]!.data).not.toEqual(weaveDataset(3, few).train[0]!.data);
  });

  test('has as many images as asked for, in [0, 1], and a mask only where there is a defect', () => {
    const { train, test: tested } = weaveDataset(1, few);
    expect(train).toHaveLength(2);
    expect(tested.map(({ kind }) => kind)).toEqual(['good', ...defectKinds]);
    for (const { kind, mask, data } of tested) {
      expect(mask.includes(1)).toBe(kind !== 'good');
      expect(mask.includes(0)).toBe(true);
      expect(data.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  });

  test.each(defectKinds)('%s: the mask covers every changed pixel, and most of it did change', (kind) => {
    for (const { data, flawless, mask } of pictures(kind)) {
      const masked = (row: number, column: number): boolean => {
        // The lens carries a change one pixel beyond the rim.
        for (let r = Math.max(0, row - 1); r <= Math.min(size - 1, row + 1); r++) {
          for (let c = Math.max(0, column - 1); c <= Math.min(size - 1, column + 1); c++) {
            if (mask[r * size + c] === 1) return true;
          }
        }
        return false;
      };
      let changedInside = 0;
      data.forEach((value, k) => {
        if (value === flawless.data[k]) return;
        expect(masked(Math.floor(k / size), k % size)).toBe(true);
        changedInside += mask[k]!;
      });
      expect(changedInside).toBeGreaterThan(0.8 * mask.filter((value) => value === 1).length);
    }
  });

  test.each(structuralKinds)('%s keeps the grey values', (kind) => {
    for (const picture of pictures(kind)) {
      expect(Math.abs(meanInside(picture) - meanInside({ ...picture, ...picture.flawless }))).toBeLessThan(
        0.045,
      );
      expect(histogramDistance(picture)).toBeLessThan(0.25);
    }
  });

  test.each(greyKinds)('%s changes them', (kind) => {
    for (const picture of pictures(kind)) {
      expect(meanInside(picture)).toBeLessThan(meanInside({ ...picture, ...picture.flawless }) - 0.05);
      expect(histogramDistance(picture)).toBeGreaterThan(0.5);
    }
  });
});

type Compared = Pick<ReturnType<typeof weavePicture>, 'data' | 'flawless' | 'mask'>;

function meanInside({ data, mask }: Pick<Compared, 'data' | 'mask'>): number {
  const inside = data.filter((_, k) => mask[k] === 1);
  return inside.reduce((sum, value) => sum + value, 0) / inside.length;
}

/** Share of the pixels inside the mask that would have to change their bin of 16, before and after. */
function histogramDistance({ data, flawless, mask }: Compared): number {
  const bins = new Float64Array(16);
  const inside = mask.filter((value) => value === 1).length;
  const bin = (value: number): number => Math.min(15, Math.floor(16 * value));
  mask.forEach((value, k) => {
    if (value === 0) return;
    bins[bin(data[k]!)]! += 1 / inside;
    bins[bin(flawless.data[k]!)]! -= 1 / inside;
  });
  return bins.reduce((sum, value) => sum + Math.abs(value), 0) / 2;
}
