import { add, avgPool, concat, mul, pad as padZeros, reshape, slice } from '@tensorflow/tfjs-core';
import type { Rank, Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { linear } from '../operations/withGradient.js';
import { axisView, withLength } from './axisView.js';

/**
 * Images at half their size, each pixel the mean of 2 × 2: [N, H, W, C] → [N, ⌈H/2⌉, ⌈W/2⌉, C].
 *
 * The last line of an odd axis counts twice, as in tf.image.ssim_multiscale: no pixel is lost, and no zero is added.
 */
export function halve(images: Tensor4D): Tensor4D {
  const { shape } = images;
  return linear(
    images,
    (given) => avgPool(madeEven(madeEven(given, 1), 2), 2, 2, 'valid'),
    (dy) => halveTransposed(dy, shape),
  );
}

/** The adjoint of {@link halve}: spreads every value over the pixels that it is the mean of. */
function halveTransposed(maps: Tensor4D, shape: Tensor4D['shape']): Tensor4D {
  return linear(
    maps,
    (given) => {
      const [count, height, width, channels] = given.shape;
      // Every row, then every pixel, twice: each is a row of a matrix, which is joined to itself.
      const rows = twice(reshape(mul(given, 0.25), [count * height, width * channels]));
      const pixels = twice(reshape(rows, [count * 2 * height * width, channels]));
      const even = reshape<Rank.R4>(pixels, [count, 2 * height, 2 * width, channels]);
      return madeEvenTransposed(madeEvenTransposed(even, 2, shape[2]), 1, shape[1]);
    },
    (dx) => halve(dx),
  );
}

function twice(rows: Tensor): Tensor {
  return concat([rows as Tensor2D, rows as Tensor2D], 1);
}

/** With the last line of an odd axis once more. */
function madeEven(images: Tensor4D, axis: 1 | 2): Tensor4D {
  const length = images.shape[axis];
  if (length % 2 === 0) return images;
  const view = axisView(images, axis);
  const longer = concat([view, lines(view, length - 1, 1)], 1);
  return reshape<Rank.R4>(longer, shapeWith(images, axis, length + 1));
}

function madeEvenTransposed(images: Tensor4D, axis: 1 | 2, length: number): Tensor4D {
  if (length % 2 === 0) return images;
  const view = axisView(images, axis);
  const copy = padZeros(lines(view, length, 1), [
    [0, 0],
    [length - 1, 0],
    [0, 0],
  ]);
  return reshape<Rank.R4>(add(lines(view, 0, length), copy), shapeWith(images, axis, length));
}

function lines(view: Tensor3D, start: number, count: number): Tensor3D {
  return slice(view, [0, start, 0], [view.shape[0], count, view.shape[2]]);
}

function shapeWith({ shape }: Tensor4D, axis: number, length: number): Tensor4D['shape'] {
  return withLength(shape, axis, length) as Tensor4D['shape'];
}
