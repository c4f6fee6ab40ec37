import { literal } from '../../backends/gpuShader.js';
import { leastTerm } from '../weightedProduct.js';

/**
 * The formulas of `weightedProduct` for shaders, in words that `inWgsl` turns into WGSL; `isFinite` is each backend's own. What is
 * not finite is written as it is: neither language makes log and exp honour NaN.
 */
export const productFormulas = (): string => `
    float logOfComplement(float d) {
      if (d < 0.5) {
        float z = d / (2.0 - d);
        float s = z * z;
        return -2.0 * z * ${horner(
          's',
          Array.from({ length: 8 }, (_, k) => 1 / (2 * k + 1)),
        )};
      }
      float term = 1.0 - d;
      if (term < ${literal(leastTerm)}) { return ${literal(Math.log(leastTerm) - 1)} + term / ${literal(leastTerm)}; }
      return log(term);
    }
    float complementOfExponential(float s) {
      if (s > -0.5) {
        return -s * ${horner('s', [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320])};
      }
      return 1.0 - exp(s);
    }
    float slopeOf(float d, float weight, float logarithm) {
      float term = 1.0 - d;
      if (term < ${literal(leastTerm)}) { return exp(logarithm) * weight / ${literal(leastTerm)}; }
      return exp(logarithm) * weight / term;
    }`;

/** c₀ + c₁ x + c₂ x² + … */
function horner(x: string, coefficients: readonly number[]): string {
  return coefficients.map(literal).reduceRight((inner, c) => `(${c} + ${x} * ${inner})`);
}
