import { below, between, betweenInScale, normal, oneOf } from './random.js';
import type { Random } from './random.js';

/** The ways in which a place of an image is spoilt. */
export type Corruption =
  'pieces' | 'turned' | 'moved' | 'smoothed' | 'shaded' | 'noise' | 'threads' | 'blobs';

export const corruptions = [
  'pieces',
  'turned',
  'moved',
  'smoothed',
  'shaded',
  'noise',
  'threads',
  'blobs',
] as const satisfies readonly Corruption[];

/** How much is spoilt, and in which ways. */
export interface Spoiling {
  readonly kinds: readonly Corruption[];
  /** The most places in one image. */
  readonly most: number;
  /** The share of images that stay as they are. */
  readonly whole: number;
  /** Standard deviation of the pixels: the measure of shades, noise and contrast. */
  readonly deviation: number;
}

/** A batch of images, rows of pixels of channels, one after the other. */
interface Batch {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float32Array;
}

/** How many of the places of other kinds are lines. */
const shareOfLines = 0.2;

interface Cover {
  /** How far each pixel is replaced, 0 to 1. */
  readonly share: (row: number, column: number) => number;
  /** Along rows and columns, nothing is covered that lies farther from the middle. */
  readonly reach: number;
}

/** What replaces it. */
type Content = (row: number, column: number, channel: number) => number;

/** Spoils places of each image; the batch that it is given stays as it is. */
export function spoil(batch: Batch, spoiling: Spoiling, random: Random): Float32Array {
  const { height, width, channels, data } = batch;
  const spoilt = data.slice();
  const length = height * width * channels;
  const count = data.length / length;
  for (let image = 0; image < count; image++) {
    if (random() < spoiling.whole) continue;
    const own = spoilt.subarray(image * length, (image + 1) * length);
    const places = 1 + below(random, spoiling.most);
    for (let k = 0; k < places; k++) {
      const other = below(random, count);
      const elsewhere = data.subarray(other * length, (other + 1) * length);
      spoilPlace({ height, width, channels, data: own }, elsewhere, spoiling, random);
    }
  }
  return spoilt;
}

function spoilPlace(
  image: Batch,
  elsewhere: Float32Array,
  { kinds, deviation }: Spoiling,
  random: Random,
): void {
  const { height, width, channels, data } = image;
  const kind = oneOf(random, kinds);
  const side = Math.min(height, width);
  const [row0, column0] = [random() * height, random() * width];
  const radius = betweenInScale(random, 3, Math.max(3, 0.4 * side));
  const { share, reach } = coverOf(kind, row0, column0, radius, side, random);
  const content = contentOf(kind, image, elsewhere, row0, column0, radius, deviation, random);
  // Contents read the image as it was.
  const spoilt = data.slice();
  const [top, bottom] = within(row0, reach, height);
  const [left, right] = within(column0, reach, width);
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const covered = share(row, column);
      if (covered <= 0) continue;
      for (let c = 0; c < channels; c++) {
        const k = (row * width + column) * channels + c;
        const value = data[k]! + covered * (content(row, column, c) - data[k]!);
        spoilt[k] = Math.min(1, Math.max(0, value));
      }
    }
  }
  data.set(spoilt);
}

/** The pixels of an axis that lie so near to the middle of a place. */
const within = (middle: number, reach: number, length: number): [from: number, to: number] => [
  Math.max(0, Math.floor(middle - reach)),
  Math.min(length, Math.ceil(middle + reach) + 1),
];

function coverOf(
  kind: Corruption,
  row0: number,
  column0: number,
  radius: number,
  side: number,
  random: Random,
): Cover {
  // What is missing or wrong along a line, too.
  if (kind === 'threads' || random() < shareOfLines) return thread(row0, column0, side, random);
  // A rim as wide as a pixel, or softer, up to the middle.
  const rim = random() < 0.5 ? 1 : between(random, 1, Math.max(1, radius));
  const strength = kind === 'noise' || kind === 'blobs' ? between(random, 0.4, 1) : 1;
  const { distance, reach } = (random() < 0.25 ? box : blob)(row0, column0, radius, random);
  return {
    share: (row, column) => strength * Math.min(1, Math.max(0, (1 - distance(row, column)) * (radius / rim))),
    reach,
  };
}

interface Outline {
  /** 1 on the rim, 0 in the middle. */
  readonly distance: (row: number, column: number) => number;
  readonly reach: number;
}

function blob(row0: number, column0: number, radius: number, random: Random): Outline {
  const [angle, ratio] = [between(random, 0, Math.PI), between(random, 0.4, 1)];
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const dents = [2, 3, 5].map((count) => ({
    count,
    depth: between(random, 0, deepest),
    phase: between(random, 0, 2 * Math.PI),
  }));
  const distance = (row: number, column: number): number => {
    const y = row - row0;
    const x = column - column0;
    const along = x * cos + y * sin;
    const across = (y * cos - x * sin) / ratio;
    const far = Math.hypot(along, across) / radius;
    if (far > 2) return far;
    const direction = Math.atan2(across, along);
    return (
      far /
      dents.reduce((sum, { count, depth, phase }) => sum + depth * Math.sin(count * direction + phase), 1)
    );
  };
  return { distance, reach: radius * (1 + deepest * dents.length) };
}

/** Of each of the waves in the rim of a blob, in radii. */
const deepest = 0.15;

function box(row0: number, column0: number, radius: number, random: Random): Outline {
  const ratio = betweenInScale(random, 0.3, 1 / 0.3);
  const [tall, wide] = [radius * Math.sqrt(ratio), radius / Math.sqrt(ratio)];
  return {
    distance: (row, column) => Math.max(Math.abs(row - row0) / tall, Math.abs(column - column0) / wide),
    reach: Math.max(tall, wide),
  };
}

/** A bent line, one to a few pixels wide. */
function thread(row0: number, column0: number, side: number, random: Random): Cover {
  const [angle, half] = [between(random, 0, Math.PI), between(random, 0.08, 0.6) * side];
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const bend = (0.4 * normal(random)) / half;
  const [wide, strength] = [betweenInScale(random, 0.5, 3), between(random, 0.4, 1)];
  const share = (row: number, column: number): number => {
    const y = row - row0;
    const x = column - column0;
    const along = x * cos + y * sin;
    const across = y * cos - x * sin - bend * along * along;
    const inside = Math.min(half - Math.abs(along), wide + 0.5 - Math.abs(across));
    return strength * Math.min(1, Math.max(0, inside));
  };
  return { share, reach: half + Math.abs(bend) * half * half + wide + 0.5 };
}

function contentOf(
  kind: Corruption,
  image: Batch,
  elsewhere: Float32Array,
  row0: number,
  column0: number,
  radius: number,
  deviation: number,
  random: Random,
): Content {
  const { height, width, channels, data } = image;
  const reader = (values: Float32Array): Content => {
    const mirrored = (k: number, length: number): number => {
      if (k >= 0 && k < length) return k;
      const wrapped = ((k % (2 * length)) + 2 * length) % (2 * length);
      return wrapped < length ? wrapped : 2 * length - 1 - wrapped;
    };
    return (row, column, c) =>
      values[
        (mirrored(Math.round(row), height) * width + mirrored(Math.round(column), width)) * channels + c
      ]!;
  };
  const own = reader(data);
  const perChannel = (value: () => number): Float64Array => {
    // Grey in half of the colour images.
    const common = random() < 0.5 ? value() : undefined;
    return Float64Array.from({ length: channels }, () => common ?? value());
  };
  switch (kind) {
    case 'pieces': {
      const theirs = reader(elsewhere);
      const [down, right] = [below(random, height), below(random, width)];
      return (row, column, c) => theirs(row + down, column + right, c);
    }
    case 'turned': {
      const quarter = random() < 0.5;
      const angle = quarter ? Math.PI / 2 : between(random, 0.2, Math.PI - 0.2);
      const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
      return (row, column, c) => {
        const y = row - row0;
        const x = column - column0;
        return own(row0 + y * cos - x * sin, column0 + y * sin + x * cos, c);
      };
    }
    case 'moved': {
      const angle = between(random, 0, 2 * Math.PI);
      const far = betweenInScale(random, 2, Math.max(3, radius));
      const [down, right] = [Math.round(far * Math.sin(angle)), Math.round(far * Math.cos(angle))];
      return (row, column, c) => own(row + down, column + right, c);
    }
    case 'smoothed': {
      const reach = 1 + below(random, 4);
      return (row, column, c) => {
        let sum = 0;
        for (let r = -reach; r <= reach; r++)
          for (let k = -reach; k <= reach; k++) sum += own(row + r, column + k, c);
        return sum / (2 * reach + 1) ** 2;
      };
    }
    case 'shaded': {
      const gain = betweenInScale(random, 0.5, 2);
      const shift = perChannel(() => deviation * between(random, -1.5, 1.5));
      const mean = meanOf(data);
      return (row, column, c) => mean + gain * (own(row, column, c) - mean) + shift[c]!;
    }
    case 'noise': {
      const height = deviation * between(random, 0.5, 2);
      const onTop = random() < 0.5;
      const mean = meanOf(data);
      return (row, column, c) => (onTop ? own(row, column, c) : mean) + height * normal(random);
    }
    case 'threads': {
      const shift = perChannel(() => (random() < 0.5 ? -1 : 1) * deviation * between(random, 1, 4));
      const onTop = random() < 0.5;
      const mean = meanOf(data);
      return (row, column, c) => (onTop ? own(row, column, c) : mean) + shift[c]!;
    }
    case 'blobs': {
      const value = perChannel(() => meanOf(data) + deviation * between(random, -4, 4));
      return (_row, _column, c) => value[c]!;
    }
  }
}

function meanOf(data: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < data.length; k++) sum += data[k]!;
  return sum / data.length;
}
