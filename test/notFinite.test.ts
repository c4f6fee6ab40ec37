// One NaN or infinite pixel makes the value of its image not finite, and of no other image, in every measure.
import { describe, expect, test } from 'vitest';
import { gradientFaults, notFiniteCases, valueFaults } from './support/notFinite.js';

describe('a pixel that is not finite', () => {
  test.each(notFiniteCases)('$name', async (given) => {
    expect(await valueFaults(given)).toEqual([]);
    expect(await gradientFaults(given)).toEqual([]);
  });
});
