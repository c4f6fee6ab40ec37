import { describeShape, describeSize } from '../checks/describe.js';
import { levelSize } from './levelSize.js';
import { largestFor, paddings, smallestFor } from './paddings.js';
import type { Padding } from './paddings.js';

/** The window must fit images of this size, with what the padding adds to them; `wayOut` may say more of it. */
export function checkWindowFits(
  functionName: string,
  windowSize: readonly number[],
  imageSize: readonly number[],
  padding: Padding,
  wayOut = (way: string): string => way,
): void {
  const largest = imageSize.map((size) => largestFor(size, padding));
  if (windowSize.every((size, axis) => size <= (largest[axis] ?? 0))) return;
  const square = windowSize.every((size) => size === windowSize[0]);
  const window = square ? String(windowSize[0]) : describeSize(windowSize);
  const limit = square ? String(Math.min(...largest)) : describeShape(largest);
  const border = padding === 'valid' ? '' : ` with padding '${padding}'`;
  throw new RangeError(
    `${functionName}: window of ${window} pixels does not fit images of ${describeSize(imageSize)}${border}; ` +
      `${wayOut(`use windowSize ≤ ${limit}`)}.`,
  );
}

/** The window must fit images of this size in the smallest level, with what the padding adds. */
export function checkLevelsFit(
  functionName: string,
  windowSize: readonly number[],
  imageSize: readonly number[],
  padding: Padding,
  levels: number,
  advice: {
    readonly levels: (most: number) => string;
    readonly window: string;
    readonly wayOut?: (way: string) => string;
  },
): void {
  const { wayOut = (way: string) => way } = advice;
  const least = windowSize.map((size) => smallestFor(size, padding));
  const fits = (level: number): boolean =>
    levelSize(imageSize, level).every((length, axis) => length >= least[axis]!);
  if (fits(levels - 1)) return;
  let most = 0;
  while (fits(most)) most++;
  const square = windowSize.every((size) => size === windowSize[0]);
  const window = square ? String(windowSize[0]) : describeSize(windowSize);
  const border = padding === 'valid' ? '' : ` with padding '${padding}'`;
  const where =
    levels === 1
      ? ''
      : ` at the smallest of ${levels} levels, ${describeSize(levelSize(imageSize, levels - 1))}`;
  const ways = [
    `images of at least ${describeSize(least.map((length) => (length - 1) * 2 ** (levels - 1) + 1))}`,
    ...(most > 0 ? [advice.levels(most)] : []),
    advice.window,
  ];
  throw new RangeError(
    `${functionName}: window of ${window} pixels does not fit images of ${describeSize(imageSize)}${where}${border}; ` +
      `${wayOut(`use ${ways.slice(0, -1).join(', ')} or ${ways.at(-1)}`)}.`,
  );
}

/** A residual map has the size of its images; `smaller` is the measure whose map need not. */
export function checkMapSize(functionName: string, padding: Padding, smaller: string): void {
  if (padding !== 'valid') return;
  const bordered = paddings.filter((name) => name !== 'valid').map((name) => `'${name}'`);
  throw new RangeError(
    `${functionName}: padding 'valid' gives a map smaller than the image; ` +
      `use ${bordered.slice(0, -1).join(', ')} or ${bordered.at(-1)} here, or ${smaller} for the smaller map.`,
  );
}
