import { imagesFrom, naturalImages, noisy, normalNumbers, randomImages, randomNumbers } from './images.js';
import type { Images, Shape4D } from './reference.js';

/** Images on which float32 formulas of SSIM are known to fail. */
export const hardCases: Readonly<Record<string, (range: number) => readonly [Images, Images]>> = (() => {
  const shape: Shape4D = [1, 40, 37, 1];
  const around = (
    seed: number,
    value: (row: number, column: number, normal: () => number) => number,
  ): Images => {
    const normal = normalNumbers(randomNumbers(seed));
    return imagesFrom(shape, (_, row, column) => value(row, column, normal));
  };
  return {
    natural: (range) => [
      naturalImages(shape, 1, range),
      noisy(naturalImages(shape, 1, range), 0.05 * range, 2),
    ],
    noise: (range) => [randomImages(shape, 3, range), randomImages(shape, 4, range)],
    'flat, equal': (range) => [around(0, () => 0.3 * range), around(0, () => 0.3 * range)],
    'flat, unequal': (range) => [around(0, () => 0.3 * range), around(0, () => 0.8 * range)],
    'flat against textured': (range) => [around(0, () => 0.5 * range), randomImages(shape, 5, range)],
    black: (range) => [around(0, () => 0), naturalImages(shape, 6, range)],
    'mean 200/255, variance 1e-4': (range) => [
      around(7, (_r, _c, normal) => (range / 255) * (200 + 0.01 * normal())),
      around(8, (_r, _c, normal) => (range / 255) * (200 + 0.01 * normal())),
    ],
    'mean 200/255, deviation 0.5': (range) => [
      around(7, (_r, _c, normal) => (range / 255) * (200 + 0.5 * normal())),
      around(8, (_r, _c, normal) => (range / 255) * (200 + 0.5 * normal())),
    ],
    'half dark, half bright': (range) => [
      around(0, (_r, column) => (column < 18 ? 0 : range)),
      around(0, (_r, column) => (column < 20 ? 0 : range)),
    ],
    'half dark, half bright, opposite textures of deviation √c2': (range) => {
      const texture = around(9, (_r, _c, normal) => 0.03 * normal());
      const side = (column: number): number => (column < 18 ? 0.04 : 0.96);
      const make = (sign: number): Images =>
        imagesFrom(shape, (k, _r, column) => range * (side(column) + sign * texture.data[k]!));
      return [make(1), make(-1)];
    },
    'one hot pixel': (range) => [
      around(0, (row, column) => (row === 20 && column === 18 ? range : 0.02 * range)),
      around(0, () => 0.02 * range),
    ],
    'almost converged': (range) => {
      const x = randomImages(shape, 10, range);
      return [x, noisy(x, 1e-4 * range, 11)];
    },
  };
})();
