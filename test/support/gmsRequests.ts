import fc from 'fast-check';
import { noisy, randomImages } from './images.js';
import { paddings } from './paddings.js';
import type { Shape4D } from './reference.js';

/** Images of any shape with the options of `gmsLoss`, for up to three levels; `seed` is for what else a test draws. */
export const gmsRequests = fc
  .tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 9, max: 20 }),
    fc.integer({ min: 9, max: 20 }),
    fc.integer({ min: 1, max: 4 }),
  )
  .chain((shape: Shape4D) =>
    fc
      .record({
        dataRange: fc.constantFrom(1, 3, 255),
        c: fc.constantFrom(undefined, 0.01, 0.1),
        padding: fc.constantFrom(...paddings),
        seed: fc.nat(1000),
      })
      .map(({ dataRange, c, padding, seed }) => {
        const x = randomImages(shape, seed, dataRange);
        const options = { dataRange, padding, ...(c !== undefined && { c: c * dataRange ** 2 }) };
        return { shape, seed, x, y: noisy(x, 0.2 * dataRange, seed + 1), options };
      }),
  );
