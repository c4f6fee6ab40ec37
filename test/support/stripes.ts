import { tensor4d } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { randomFrom } from '../../src/autoencoder/random.js';

/** Good images: stripes that begin anywhere, with a little noise. */
export function stripes(count: number, size = 32, channels = 1, seed = 1): Tensor4D {
  const random = randomFrom(seed);
  const values: number[] = [];
  for (let n = 0; n < count; n++) {
    const phase = 6 * random();
    for (let k = 0; k < size * size; k++) {
      for (let c = 0; c < channels; c++) {
        values.push(0.5 + 0.3 * Math.sin(phase + (k % size) * 1.1 + c) + 0.05 * (random() - 0.5));
      }
    }
  }
  return tensor4d(values, [count, size, size, channels]);
}

/** One of them, [1, size, size, 1], with a square of one grey. */
export function patched(size = 32, top = 12, left = 16, side = 8): Tensor4D {
  const whole = stripes(1, size, 1, 99);
  const values = whole.dataSync<'float32'>().slice();
  whole.dispose();
  for (let y = top; y < top + side; y++) values.fill(0.5, y * size + left, y * size + left + side);
  return tensor4d(values, [1, size, size, 1]);
}
