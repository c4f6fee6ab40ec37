import type { Gpu } from './gpu.js';

/**
 * Rounding takes a variance below 0, or d below 0 or above 2. What is finite shows so in its bits: neither language makes
 * a compiler honour NaN where it compares floats, and it could drop one.
 */
export const rangeTests = ({ withBits }: Pick<Gpu, 'withBits'>): string =>
  withBits(
    `
    bool isNegative(float v) {
      uint bits = floatBitsToUint(v);
      return bits >= 0x80000000u && bits < 0xff800000u;
    }
    bool isAboveTwo(float v) {
      uint bits = floatBitsToUint(v);
      return bits > 0x40000000u && bits < 0x7f800000u;
    }`,
    `
    bool isNegative(float v) { return v < 0.0; }
    bool isAboveTwo(float v) { return v > 2.0; }`,
  );

/** Whether a float is a number, and not infinite. Without bits, a compiler may take everything for finite. */
export const finiteTest = ({ withBits }: Pick<Gpu, 'withBits'>): string =>
  withBits(
    `
    bool isFinite(float v) {
      uint bits = floatBitsToUint(v);
      return (bits & 0x7f800000u) != 0x7f800000u;
    }`,
    `
    bool isFinite(float v) { return v - v == 0.0; }`,
  );
