import { Tensor } from '@tensorflow/tfjs-core';
import type { Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import { channelsComeFirst, transpositionHint } from './axisOrder.js';
import { describeShape, describeValue } from './describe.js';
import { checkSecondOrder } from './secondOrder.js';

/** What to do with 8-bit pixels: divide them by 255, or give the function their range. */
export type EightBits = 'divide' | 'dataRange';

/** How a tensor of another dtype becomes a float32 tensor. */
function conversionOf({ dtype }: Tensor, eightBits: EightBits | undefined): string {
  if (dtype === 'string') return 'it must hold numbers';
  if (dtype === 'complex64') return 'take tf.real(x) or tf.abs(x) of it';
  const cast = `convert it with tf.cast(x, 'float32')`;
  if (dtype !== 'int32' || eightBits === undefined) return cast;
  const range = eightBits === 'dataRange' ? ', or give { dataRange: 255 }' : '';
  return `${cast}, and divide 8-bit pixels by 255${range}`;
}

/** A tensor that still has its values; `where` is `function: argument`. */
export function checkTensor(where: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor)) {
    throw new TypeError(`${where} must be a tensor, but got ${describeValue(value)}.`);
  }
  if (value.isDisposed) {
    throw new TypeError(
      `${where} was disposed before, so its values are gone; dispose of it later, or let the tf.tidy ` +
        `that it comes from return it.`,
    );
  }
}

/** A float32 tensor that holds at least one value; `where` is `function: argument`. */
export function checkFloatTensor(
  where: string,
  value: unknown,
  eightBits?: EightBits,
): asserts value is Tensor {
  checkTensor(where, value);
  if (value.dtype !== 'float32') {
    throw new TypeError(
      `${where} must be of dtype float32, but got ${value.dtype}; ${conversionOf(value, eightBits)}.`,
    );
  }
  if (value.size === 0) {
    throw new RangeError(
      `${where} is empty: its shape is ${describeShape(value.shape)}; its batch and every other axis must hold something.`,
    );
  }
}

/** Images as `[N, H, W, C]`, float32, at least one of them. */
export function checkImages(where: string, value: unknown, eightBits?: EightBits): asserts value is Tensor4D {
  checkFloatTensor(where, value, eightBits);
  if (value.rank !== 4) {
    const hint =
      value.rank === 3
        ? channelsComeFirst([1, ...value.shape])
          ? '; transpose and add the batch axis with tf.expandDims(tf.transpose(x, [1, 2, 0]), 0)'
          : '; add the batch axis with tf.expandDims(x, 0)'
        : value.rank === 2
          ? '; bring it to that form with tf.reshape(x, [1, height, width, 1])'
          : '';
    throw new RangeError(
      `${where} must have shape [batch, height, width, channels], but got ${describeShape(value.shape)}${hint}.`,
    );
  }
}

/** Images, or volumes as `[N, D, H, W, C]`. */
export function checkImagesOrVolumes(
  where: string,
  value: unknown,
  eightBits?: EightBits,
): asserts value is Tensor4D | Tensor5D {
  checkFloatTensor(where, value, eightBits);
  if (value.rank !== 5) checkImages(where, value, eightBits);
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
        `but got ${describeShape(first.tensor.shape)} and ${describeShape(second.tensor.shape)}${transpositionHint(shape, other)}.`,
    );
  }
}

/** An input and its reconstruction: two batches of images, or of volumes, of one shape. */
export function checkPair(
  functionName: string,
  yTrue: unknown,
  yPred: unknown,
  eightBits: EightBits = 'divide',
): { readonly yTrue: Tensor; readonly yPred: Tensor } {
  checkSecondOrder(functionName);
  checkImagesOrVolumes(`${functionName}: yTrue`, yTrue, eightBits);
  checkImagesOrVolumes(`${functionName}: yPred`, yPred, eightBits);
  checkSameShape(functionName, { name: 'yTrue', tensor: yTrue }, { name: 'yPred', tensor: yPred });
  return { yTrue, yPred };
}

/** An input and its reconstruction: two batches of images of one shape. */
export function checkImagePair(
  functionName: string,
  yTrue: unknown,
  yPred: unknown,
  eightBits: EightBits = 'divide',
): { readonly yTrue: Tensor4D; readonly yPred: Tensor4D } {
  checkSecondOrder(functionName);
  checkImages(`${functionName}: yTrue`, yTrue, eightBits);
  checkImages(`${functionName}: yPred`, yPred, eightBits);
  checkSameShape(functionName, { name: 'yTrue', tensor: yTrue }, { name: 'yPred', tensor: yPred });
  return { yTrue, yPred };
}
