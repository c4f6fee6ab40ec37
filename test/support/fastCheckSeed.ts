/** What `FAST_CHECK_SEED` says, for the configurations of vitest. */
export function fastCheckSeed(): number | null {
  const text = process.env['FAST_CHECK_SEED'];
  if (text === undefined || text === '') return null;
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 31) {
    throw new RangeError(`FAST_CHECK_SEED must be a whole number in [0, 2³¹), but is "${text}".`);
  }
  return seed;
}
