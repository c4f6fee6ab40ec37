// Every function that compares two images on arrays: what holds for all of them is tested over this list.
import * as arrays from '../../src/arrays.js';
import type { ImageArray } from '../../src/arrays.js';
import { randomNumbers } from './images.js';

type Options = Readonly<Record<string, unknown>>;

export interface ArrayMeasure {
  readonly name: string;
  /** What it gives, as a list of numbers. */
  readonly call: (x: unknown, y: unknown, options?: unknown, ...more: unknown[]) => number[];
  /** What it gives for equal images, for every number of the list. */
  readonly perfect: number;
  /** Options that make it take images of 16 × 16, and what each option may be. */
  readonly options: Options;
  /** The least width and height under those options. */
  readonly least: number;
  /** Whether it takes `downsample` as a factor. */
  readonly downsamples: boolean;
}

const call = arrays as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;

const listOf = (value: unknown): number[] => {
  if (typeof value === 'number') return [value];
  const {
    data,
    value: index,
    gradient,
  } = value as {
    readonly data?: Float32Array;
    readonly value?: number;
    readonly gradient?: Float32Array;
  };
  return data === undefined ? [index!, ...gradient!] : [...data];
};

const window = { windowSize: 5, windowSigma: 1, checkRange: true };
const rows: Readonly<Record<string, Omit<ArrayMeasure, 'name' | 'call'>>> = {
  gmsd: { perfect: 0, options: { checkRange: true }, least: 1, downsamples: false },
  msSsim: { perfect: 1, options: { ...window, levels: 2 }, least: 9, downsamples: false },
  psnr: { perfect: Infinity, options: { checkRange: true }, least: 1, downsamples: false },
  ssim: { perfect: 1, options: window, least: 5, downsamples: true },
  ssimMap: { perfect: 1, options: window, least: 5, downsamples: true },
  ssimResidualMap: { perfect: 0, options: window, least: 3, downsamples: true },
  ssimWithGradient: { perfect: 1, options: window, least: 5, downsamples: true },
};

export const arrayMeasures: readonly ArrayMeasure[] = Object.entries(rows).map(([name, row]) => ({
  name,
  call: (...args) => listOf(call[name]!(...args)),
  ...row,
}));

/** The kinds of array that an image may have, with the range of their numbers. */
export const arrayKinds = [
  { name: 'Uint8Array', make: (values: Iterable<number>) => Uint8Array.from(values), range: 255 },
  {
    name: 'Uint8ClampedArray',
    make: (values: Iterable<number>) => Uint8ClampedArray.from(values),
    range: 255,
  },
  { name: 'Buffer', make: (values: Iterable<number>) => Buffer.from(Uint8Array.from(values)), range: 255 },
  { name: 'Uint16Array', make: (values: Iterable<number>) => Uint16Array.from(values), range: 65535 },
  { name: 'Float32Array', make: (values: Iterable<number>) => Float32Array.from(values), range: 1 },
  { name: 'Float64Array', make: (values: Iterable<number>) => Float64Array.from(values), range: 1 },
] as const;

export type ArrayKind = (typeof arrayKinds)[number];

export type Channels = 1 | 2 | 3 | 4;

/** A picture of smooth colours with a little noise, and one that differs from it. */
export function arrayPair(
  { make, range }: ArrayKind,
  channels: Channels,
  { width = 16, height = 16, seed = 1 }: { width?: number; height?: number; seed?: number } = {},
): { readonly x: ImageArray; readonly y: ImageArray } {
  const random = randomNumbers(seed);
  const values = Array.from({ length: width * height * channels }, (_, k) => {
    const pixel = Math.floor(k / channels);
    const [column, row] = [pixel % width, Math.floor(pixel / width)];
    return 0.5 + 0.3 * Math.sin(row / 5 + (k % channels)) * Math.cos(column / 4) + 0.1 * (random() - 0.5);
  });
  const others = values.map((value) => Math.min(1, Math.max(0, 0.05 + 0.9 * value + 0.2 * (random() - 0.5))));
  const image = (of: readonly number[]): ImageArray => ({
    data: make(of.map((value) => (range === 1 ? value : Math.round(value * range)))),
    width,
    height,
  });
  return { x: image(values), y: image(others) };
}

/** What is compared of an image, as the tests see it: gray, luma, or colours without alpha, in float64. */
export function comparedNumbers(
  { data, width, height }: ImageArray,
  color: 'luma' | 'channels',
): { readonly data: Float64Array; readonly channels: 1 | 3 } {
  const pixels = width * height;
  const channels = data.length / pixels;
  const at = (pixel: number, channel: number): number => data[pixel * channels + channel]!;
  if (channels < 3) return { data: Float64Array.from({ length: pixels }, (_, k) => at(k, 0)), channels: 1 };
  if (color === 'channels') {
    return {
      data: Float64Array.from({ length: pixels * 3 }, (_, k) => at(Math.floor(k / 3), k % 3)),
      channels: 3,
    };
  }
  return {
    data: Float64Array.from(
      { length: pixels },
      (_, k) => (299 * at(k, 0) + 587 * at(k, 1) + 114 * at(k, 2)) / 1000,
    ),
    channels: 1,
  };
}
