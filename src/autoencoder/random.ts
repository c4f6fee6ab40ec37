/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** Seeded: the same numbers, in this order, give the same draws. Any finite number counts, to its last digit. */
export function randomFrom(...seeds: readonly number[]): Random {
  let state = 0x9e3779b9;
  for (const word of new Uint32Array(Float64Array.from(seeds).buffer)) {
    state = Math.imul(state ^ word, 0x85ebca6b);
    state ^= state >>> 13;
  }
  return mulberry32(state);
}

/** From a state of 32 bits. */
export function mulberry32(state: number): Random {
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** For who gives no seed. */
export const anySeed = (): number => Math.floor(Math.random() * 2 ** 32);

export const between = (random: Random, least: number, most: number): number =>
  least + (most - least) * random();

/** As often twice as half: the logarithm is uniform. */
export const betweenInScale = (random: Random, least: number, most: number): number =>
  Math.exp(between(random, Math.log(least), Math.log(most)));

/** A whole number from 0 to count − 1. */
export const below = (random: Random, count: number): number => Math.floor(random() * count);

export const oneOf = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]!;

/** A standard normal number. */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
