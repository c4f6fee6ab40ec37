import { describe, expect, test } from 'vitest';
import { judge } from '../../docs/.vitepress/theme/judge.js';
import { threePairs } from '../../docs/.vitepress/theme/threePairs.js';

// Figure 2 of Bergmann et al. 2019, as the home page of the docs shows it, by the closed forms of its terms (eqs 5 to 7).
const [c1, c2] = [1e-4, 9e-4];
const terms = {
  // Means of 1/4 and 3/4.
  luminance: (2 * 0.25 * 0.75 + c1) / (0.25 ** 2 + 0.75 ** 2 + c1),
  // Deviations of 0 and 1/2.
  contrast: c2 / (0.5 ** 2 + c2),
  // Deviations of 1/4 and a covariance of −1/16.
  structure: (-2 * 0.25 ** 2 + c2) / (2 * 0.25 ** 2 + c2),
};

describe.each(threePairs(1))('the pair that differs in $name', (pair) => {
  const verdict = judge(pair);

  test('the squared difference is 1/4 at every pixel', () => {
    for (const [pixel, value] of pair.x.entries()) expect((value - pair.y[pixel]!) ** 2).toBeCloseTo(0.25, 6);
    expect(verdict.l2).toBeCloseTo(0.25, 6);
  });

  test('one term of SSIM is below 1, and by how much', () => {
    const expected = { luminance: 1, contrast: 1, structure: 1, [pair.name]: terms[pair.name] };
    for (const name of ['luminance', 'contrast', 'structure'] as const) {
      expect(verdict[name], name).toBeCloseTo(expected[name], 3);
    }
    expect(verdict.ssim).toBeCloseTo(terms[pair.name], 3);
  });
});
