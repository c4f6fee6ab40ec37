import type { WeightOptions } from '../checks/weights.js';
import type { GmsOptions } from './gmsOptions.js';

/** {@link GmsOptions} of a mean over pixels. */
export interface GmsIndexOptions extends GmsOptions, WeightOptions {}
