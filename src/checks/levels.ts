import type { Padding } from './options.js';
import { shapeText, withAxisOrder } from './tensors.js';

/** The sizes of an image in every level of a pyramid: each half of the one before, rounded up. */
export function levelSize(size: readonly number[], level: number): number[] {
  return size.map((length) => Math.ceil(length / 2 ** level));
}

/** The smallest image, along one axis, that a window of so many pixels fits. */
export function smallestFor(windowSize: number, padding: Padding): number {
  switch (padding) {
    case 'valid':
      return windowSize;
    case 'reflect':
      return (windowSize + 1) / 2;
    case 'symmetric':
      return Math.max((windowSize - 1) / 2, 1);
    case 'edge':
    case 'zero':
      return 1;
  }
}

/** The window must fit the images, given by their whole shape, in the smallest level, with what the padding adds. */
export function checkLevelsFit(
  functionName: string,
  windowSize: readonly number[],
  shape: readonly number[],
  padding: Padding,
  levels: number,
  advice: { readonly levels: (most: number) => string; readonly window?: string },
): void {
  const imageSize = shape.slice(1, -1);
  const least = windowSize.map((size) => smallestFor(size, padding));
  const fits = (level: number): boolean =>
    levelSize(imageSize, level).every((length, axis) => length >= least[axis]!);
  if (fits(levels - 1)) return;
  let most = 0;
  while (fits(most)) most++;
  const square = windowSize.every((size) => size === windowSize[0]);
  const window = square ? String(windowSize[0]) : shapeText(windowSize);
  const border = padding === 'valid' ? '' : ` with padding '${padding}'`;
  const where =
    levels === 1
      ? ''
      : ` at the smallest of ${levels} levels, ${shapeText(levelSize(imageSize, levels - 1))}`;
  const ways = [
    `images of at least ${shapeText(least.map((length) => (length - 1) * 2 ** (levels - 1) + 1))}`,
    ...(most > 0 ? [advice.levels(most)] : []),
    ...(advice.window === undefined ? [] : [advice.window]),
  ];
  throw new RangeError(
    `${functionName}: window of ${window} pixels does not fit images of ${shapeText(imageSize)}${where}${border}; ` +
      `${withAxisOrder(shape, `use ${ways.slice(0, -1).join(', ')}${ways.length > 1 ? ' or ' : ''}${ways.at(-1)}`)}.`,
  );
}
