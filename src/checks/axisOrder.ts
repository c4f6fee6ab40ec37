import { describeShape } from './describe.js';

/** Whether images or volumes look like [N, C, H, W] or [N, C, D, H, W]: few channels before everything else. */
export function channelsComeFirst(shape: readonly number[]): boolean {
  const [, channels, ...others] = shape;
  return shape.length >= 4 && channels! <= 4 && others.every((length) => length > 4);
}

/** A way out, after the likelier one where images that do not fit look like [N, C, H, W]. */
export function withAxisOrder(shape: readonly number[], otherwise: string): string {
  if (!channelsComeFirst(shape)) return otherwise;
  const [here, there] =
    shape.length === 5 ? ['depth, height, width', '[0, 2, 3, 4, 1]'] : ['height, width', '[0, 2, 3, 1]'];
  return (
    `${describeShape(shape)} looks like [batch, channels, ${here}], but the order is ` +
    `[batch, ${here}, channels]: bring it there with tf.transpose(x, ${there}); otherwise ${otherwise}`
  );
}

/** Where one of two shapes is the other one with its channels first: how it is transposed. */
export function transpositionHint(first: readonly number[], second: readonly number[]): string {
  const isTransposed = (a: readonly number[], b: readonly number[]): boolean =>
    a.length >= 4 && a.length === b.length && [a[0], ...a.slice(2), a[1]].join() === b.join();
  if (!isTransposed(first, second) && !isTransposed(second, first)) return '';
  const axes = first.length === 5 ? '[0, 2, 3, 4, 1]' : '[0, 2, 3, 1]';
  return `; channels are the last axis: bring them there with tf.transpose(x, ${axes})`;
}
