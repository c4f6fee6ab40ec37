import { pad, slice } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { halve } from '../filters/halve.js';
import { linear } from '../operations/withGradient.js';

/**
 * Images in half their size, each pixel the mean of 2 × 2: [N, H, W, C] → [N, ⌈H/2⌉, ⌈W/2⌉, C]. An odd size gets a
 * line of zeros at its end, as in the paper's code.
 */
export function subsampled(images: Tensor4D): Tensor4D {
  return halve(madeEven(images));
}

function madeEven(images: Tensor4D): Tensor4D {
  const { shape } = images;
  const [, height, width] = shape;
  if (height % 2 === 0 && width % 2 === 0) return images;
  return linear(
    images,
    (given) =>
      pad(given, [
        [0, 0],
        [0, height % 2],
        [0, width % 2],
        [0, 0],
      ]),
    (dy) => cropped(dy, shape),
  );
}

/** The adjoint of {@link madeEven}. */
function cropped(maps: Tensor4D, shape: Tensor4D['shape']): Tensor4D {
  return linear(
    maps,
    (given) => slice(given, [0, 0, 0, 0], shape),
    (dx) => madeEven(dx),
  );
}
