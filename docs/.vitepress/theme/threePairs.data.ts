import '@tensorflow/tfjs-backend-cpu';
import { setBackend } from '@tensorflow/tfjs-core';
import { judge } from './judge.js';
import type { Verdict } from './judge.js';
import { threePairs } from './threePairs.js';

declare const data: readonly Verdict[];
export { data };

/** Run when the site is built: the page has its figures before it loads the library. */
export default {
  async load(): Promise<readonly Verdict[]> {
    await setBackend('cpu');
    return threePairs(1).map(judge);
  },
};
