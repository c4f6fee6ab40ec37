// What the environment says of random cases, for the configurations of vitest.

/** `FAST_CHECK_SEED`, if it is set. */
export function fastCheckSeed(): number | null {
  return wholeNumber('FAST_CHECK_SEED', 0);
}

/** `FAST_CHECK_TIMES`, 1 if it is not set. */
export function fastCheckTimes(): number {
  return wholeNumber('FAST_CHECK_TIMES', 1) ?? 1;
}

function wholeNumber(name: string, least: number): number | null {
  const text = process.env[name];
  if (text === undefined || text === '') return null;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value >= 2 ** 31) {
    throw new RangeError(`${name} must be a whole number in [${least}, 2³¹), but is "${text}".`);
  }
  return value;
}
