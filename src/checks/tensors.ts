import { Tensor } from '@tensorflow/tfjs-core';
import type { Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';

/** Shape for people: `2×64×64×1`. */
export function shapeText(shape: readonly number[]): string {
  return shape.join('×');
}

/** A tensor's shape for people: `[2, 64, 64, 1]`. */
function shapeOf({ shape }: { readonly shape: readonly number[] }): string {
  return `[${shape.join(', ')}]`;
}

/** What a wrong argument was, for the end of a message. */
export function valueText(value: unknown): string {
  if (value instanceof Tensor) return `a ${value.dtype} tensor of shape ${shapeOf(value as Tensor)}`;
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value) && 'length' in value) {
    return `a ${value.constructor.name} of ${String(value.length)}`;
  }
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'an object' : typeof value;
}

/** A float32 tensor that holds at least one value; `where` is `function: argument`. */
export function checkFloatTensor(where: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor)) {
    throw new TypeError(`${where} must be a tensor, but got ${valueText(value)}.`);
  }
  if (value.dtype !== 'float32') {
    throw new TypeError(
      `${where} must be of dtype float32, but got ${value.dtype}; convert it with tf.cast(x, 'float32').`,
    );
  }
  if (value.size === 0) {
    throw new RangeError(
      `${where} is empty: its shape is ${shapeOf(value as Tensor)}; its batch and every other axis must hold something.`,
    );
  }
}

/** Images as `[N, H, W, C]`, float32, at least one of them. */
export function checkImages(where: string, value: unknown): asserts value is Tensor4D {
  checkFloatTensor(where, value);
  if (value.rank !== 4) {
    const hint =
      value.rank === 3
        ? '; add the batch axis with tf.expandDims(x, 0)'
        : value.rank === 2
          ? '; bring it to that form with tf.reshape(x, [1, height, width, 1])'
          : '';
    throw new RangeError(
      `${where} must have shape [batch, height, width, channels], but got ${shapeOf(value)}${hint}.`,
    );
  }
}

/** Images, or volumes as `[N, D, H, W, C]`. */
export function checkImagesOrVolumes(where: string, value: unknown): asserts value is Tensor4D | Tensor5D {
  checkFloatTensor(where, value);
  if (value.rank !== 5) checkImages(where, value);
}

/** Two tensors of one shape. */
export function checkSameShape(
  functionName: string,
  first: { readonly name: string; readonly tensor: Tensor },
  second: { readonly name: string; readonly tensor: Tensor },
): void {
  const { shape } = first.tensor;
  const other = second.tensor.shape;
  if (shape.length !== other.length || shape.some((size, axis) => size !== other[axis])) {
    throw new RangeError(
      `${functionName}: ${first.name} and ${second.name} must have the same shape, ` +
        `but got ${shapeOf(first.tensor)} and ${shapeOf(second.tensor)}.`,
    );
  }
}

/** An input and its reconstruction: two batches of images, or of volumes, of one shape. */
export function checkPair(
  functionName: string,
  yTrue: unknown,
  yPred: unknown,
): { readonly yTrue: Tensor; readonly yPred: Tensor } {
  checkImagesOrVolumes(`${functionName}: yTrue`, yTrue);
  checkImagesOrVolumes(`${functionName}: yPred`, yPred);
  checkSameShape(functionName, { name: 'yTrue', tensor: yTrue }, { name: 'yPred', tensor: yPred });
  return { yTrue, yPred };
}

/** An input and its reconstruction: two batches of images of one shape. */
export function checkImagePair(
  functionName: string,
  yTrue: unknown,
  yPred: unknown,
): { readonly yTrue: Tensor4D; readonly yPred: Tensor4D } {
  checkImages(`${functionName}: yTrue`, yTrue);
  checkImages(`${functionName}: yPred`, yPred);
  checkSameShape(functionName, { name: 'yTrue', tensor: yTrue }, { name: 'yPred', tensor: yPred });
  return { yTrue, yPred };
}
