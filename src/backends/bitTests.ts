/**
 * Rounding takes a variance below 0, or d below 0 or above 2. What is finite shows so in its bits: neither language makes
 * a compiler honour NaN where it compares floats, and it could drop one.
 */
export const bitTests = (): string => `
    bool isNegative(float v) {
      uint bits = floatBitsToUint(v);
      return bits >= 0x80000000u && bits < 0xff800000u;
    }
    bool isAboveTwo(float v) {
      uint bits = floatBitsToUint(v);
      return bits > 0x40000000u && bits < 0x7f800000u;
    }`;

/** Whether a float is a number, and not infinite. */
export const finiteTest = (): string => `
    bool isFinite(float v) {
      uint bits = floatBitsToUint(v);
      return (bits & 0x7f800000u) != 0x7f800000u;
    }`;
