import { mulberry32 } from '../../src/autoencoder/random.js';
import type { Random } from '../../src/autoencoder/random.js';

export { between, normal } from '../../src/autoencoder/random.js';
export type { Random };

/** The numbers of what is drawn: the seed is the state itself, which the library hashes first. */
export const randomFrom = (seed: number): Random => mulberry32(seed >>> 0);
