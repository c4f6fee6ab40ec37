import type { WeightOptions } from '../checks/weights.js';
import type { SsimOptions } from './ssimOptions.js';

/** {@link SsimOptions} of a mean over pixels. */
export interface SsimIndexOptions extends SsimOptions, WeightOptions {}
