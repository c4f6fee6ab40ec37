import { InputError } from '../running/inputError.js';
import { between, normal, randomFrom } from '../running/random.js';
import type { Random } from '../running/random.js';
import { soundPicture, statisticsOf } from './dataset.js';
import type { Dataset, MaskedPicture, Picture, TestPicture } from './dataset.js';

/*
 * Where no defective image is at hand, good ones with defects put into them tell settings apart: nothing of a test set is
 * looked at. What they lack is the look of real defects, so their figures are for comparing settings, not for promising.
 */

/** Two that rearrange the texture, one that blurs it, two that change its grey values. */
export const implantKinds = ['moved', 'turned', 'smoothed', 'shaded', 'thread'] as const;
type ImplantKind = (typeof implantKinds)[number];
/** One is held back to stay good, and one for a defect. */
const leastImages = 8;

/** Every fourth training image leaves it: half of those stay good, the others get a defect each. */
export function withImplants({ name, photographs, train, notes }: Dataset, seed: number): Dataset {
  if (train.length < leastImages) {
    throw new InputError(
      `--implants needs at least ${leastImages} good images, to train on and to put defects into, but ${name} has ${train.length}.`,
    );
  }
  const random = randomFrom(seed);
  const held = train.filter((_, index) => index % 4 === 3);
  const test = held.map((picture, index): TestPicture => {
    if (index % 2 === 0) return soundPicture(picture, index);
    const kind = implantKinds[((index - 1) / 2) % implantKinds.length]!;
    const other = held[(index + 2) % held.length]!;
    return { ...implanted(picture, other, kind, random), kind, name: `${kind}/${index}` };
  });
  return {
    name: `${name}, good images with implants`,
    photographs,
    notes,
    train: train.filter((_, index) => index % 4 !== 3),
    test,
  };
}

function implanted(picture: Picture, other: Picture, kind: ImplantKind, random: Random): MaskedPicture {
  const { height, width, channels } = picture;
  const side = Math.min(height, width);
  const [row0, column0] = [between(random, 0.2, 0.8) * height, between(random, 0.2, 0.8) * width];
  const inside =
    kind === 'thread'
      ? thread(row0, column0, side, random)
      : ellipse(row0, column0, between(random, 0.05, 0.12) * side, random);
  const value = valueOf(kind, picture, other, random);
  const mask = new Uint8Array(height * width);
  const data = picture.data.slice();
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (!inside(row, column)) continue;
      mask[row * width + column] = 1;
      for (let c = 0; c < channels; c++) {
        data[(row * width + column) * channels + c] = Math.min(1, Math.max(0, value(row, column, c)));
      }
    }
  }
  return { height, width, channels, data, mask };
}

type Value = (row: number, column: number, channel: number) => number;
type Inside = (row: number, column: number) => boolean;

function valueOf(kind: ImplantKind, picture: Picture, other: Picture, random: Random): Value {
  const at = readerOf(picture);
  switch (kind) {
    case 'moved': {
      const theirs = readerOf(other);
      const [down, right] = [between(random, 0, other.height), between(random, 0, other.width)].map(
        Math.floor,
      ) as [number, number];
      return (row, column, c) => theirs(row + down, column + right, c);
    }
    case 'turned':
      return (row, column, c) => at(column, row, c);
    case 'smoothed':
      return (row, column, c) => {
        let sum = 0;
        for (let r = -2; r <= 2; r++) for (let k = -2; k <= 2; k++) sum += at(row + r, column + k, c);
        return sum / 25;
      };
    case 'shaded': {
      const gain = random() < 0.5 ? between(random, 0.6, 0.8) : between(random, 1.2, 1.4);
      return (row, column, c) => gain * at(row, column, c);
    }
    case 'thread': {
      const contrast = 3 * statisticsOf(picture.data).deviation * (random() < 0.5 ? -1 : 1);
      return (row, column, c) => at(row, column, c) + contrast;
    }
  }
}

/** Beyond the edge it begins again. */
function readerOf({ height, width, channels, data }: Picture): Value {
  const wrapped = (k: number, length: number): number => ((k % length) + length) % length;
  return (row, column, c) => data[(wrapped(row, height) * width + wrapped(column, width)) * channels + c]!;
}

function ellipse(row0: number, column0: number, radius: number, random: Random): Inside {
  const [angle, ratio] = [between(random, 0, Math.PI), between(random, 0.6, 1)];
  return (row, column) => {
    const [y, x] = [row - row0, column - column0];
    const along = x * Math.cos(angle) + y * Math.sin(angle);
    const across = y * Math.cos(angle) - x * Math.sin(angle);
    return Math.hypot(along, across / ratio) < radius;
  };
}

/** A bent line, two pixels wide. */
function thread(row0: number, column0: number, side: number, random: Random): Inside {
  const [angle, half] = [between(random, 0, Math.PI), between(random, 0.08, 0.2) * side];
  const bend = (0.3 * normal(random)) / half;
  return (row, column) => {
    const [y, x] = [row - row0, column - column0];
    const along = x * Math.cos(angle) + y * Math.sin(angle);
    const across = y * Math.cos(angle) - x * Math.sin(angle);
    return Math.abs(along) < half && Math.abs(across - bend * along * along) < 1;
  };
}
