import '@tensorflow/tfjs-layers'; // registers the gradients
import { tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { featuresFrom } from '../../bench/features/features.js';

describe('Gabor features', () => {
  test('see a wave across, and nothing in plain grey', async () => {
    const features = await featuresFrom({ kind: 'gabor' }, 1);
    const energy = (value: (row: number, column: number) => number): number =>
      tidy(() => {
        const x = tensor4d(
          Float32Array.from({ length: 1024 }, (_, k) => value(k >> 5, k & 31)),
          [1, 32, 32, 1],
        );
        const inner = (features(x) as Tensor4D)
          .arraySync()[0]!
          .slice(4, 12)
          .map((row) => row.slice(4, 12));
        return Math.max(...inner.flat(2));
      });
    expect(energy(() => 0.7)).toBeLessThan(1e-5);
    expect(energy((_, column) => Math.cos((2 * Math.PI * column) / 4))).toBeGreaterThan(0.5);
  });
});
