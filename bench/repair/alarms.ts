import type { LayersModel } from '@tensorflow/tfjs-layers';
import { defectDetector } from '../../src/autoencoder.js';
import type { DefectDetector } from '../../src/autoencoder.js';
import { imageOf } from '../pictures/dataset.js';
import type { Picture, TestPicture } from '../pictures/dataset.js';

const rates = [0.05, 0.01];

/** The pictures in two parts: `count` of them, from all along the list, and the others. */
export function setAside(
  pictures: readonly Picture[],
  count: number,
): { readonly aside: Picture[]; readonly others: Picture[] } {
  const share = count / pictures.length;
  const isAside = (index: number): boolean => Math.floor((index + 1) * share) > Math.floor(index * share);
  return {
    aside: pictures.filter((_, index) => isAside(index)),
    others: pictures.filter((_, index) => !isAside(index)),
  };
}

/** What detectors with thresholds from the good pictures say of the test pictures, for each rate of false alarms, in a line each. */
export async function alarms(
  model: LayersModel,
  good: readonly Picture[],
  test: readonly TestPicture[],
): Promise<string[]> {
  const lines: string[] = [];
  const images = good.map(imageOf);
  const detectors: DefectDetector[] = [];
  for (const falseAlarmRate of rates) {
    try {
      detectors.push(await defectDetector(model, images, { falseAlarmRate }));
    } catch (error) {
      // Too few good images for the rate.
      if (!(error instanceof RangeError)) throw error;
      lines.push(error.message);
    }
  }
  const [first] = detectors;
  if (first === undefined) return lines;
  const seen: { readonly isGood: boolean; readonly score: number; readonly isUnlike: boolean }[] = [];
  for (const picture of test) {
    const { score, doubts } = await first.inspect(imageOf(picture));
    seen.push({ isGood: picture.kind === 'good', score, isUnlike: doubts.length > 0 });
  }
  const counted = (holds: (one: (typeof seen)[number]) => boolean): string =>
    [true, false]
      .map((kind) => {
        const ofKind = seen.filter(({ isGood }) => isGood === kind);
        return `${ofKind.filter(holds).length} of ${ofKind.length} ${kind ? 'good' : 'defective'}`;
      })
      .join(', ');
  for (const { falseAlarmRate, threshold } of detectors) {
    lines.push(
      `called defective at a rate of ${falseAlarmRate}: ${counted(({ score }) => score > threshold)}`,
    );
  }
  lines.push(`called unlike all good ones: ${counted(({ isUnlike }) => isUnlike)}`);
  return lines;
}
