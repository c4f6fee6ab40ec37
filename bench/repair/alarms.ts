import type { LayersModel } from '@tensorflow/tfjs-layers';
import { defectDetector } from '../../src/autoencoder.js';
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
  const enough = rates.filter((rate) => Math.floor((images.length + 1) * rate) > 0);
  for (const rate of rates.filter((rate) => !enough.includes(rate))) {
    lines.push(`${images.length} good images set aside are too few for a rate of ${rate}`);
  }
  const detectors = [];
  for (const rate of enough) {
    detectors.push(await defectDetector(model, images, { falseAlarmRate: rate }));
  }
  const [first] = detectors;
  if (first === undefined) return lines;
  const seen: Seen[] = [];
  for (const picture of test) {
    const { score, doubts } = await first.inspect(imageOf(picture));
    seen.push({ isGood: picture.kind === 'good', score, isUnlike: doubts.length > 0 });
  }
  const counted = (holds: (one: Seen) => boolean): string =>
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

interface Seen {
  readonly isGood: boolean;
  readonly score: number;
  readonly isUnlike: boolean;
}

const imageOf = ({ data, height, width }: Picture) => ({ data, height, width });
