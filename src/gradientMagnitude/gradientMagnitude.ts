import { add, div, mul, square, sub } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { atLeast } from '../operations/bounds.js';
import { deviation } from '../operations/deviation.js';
import { withGradient } from '../operations/withGradient.js';
import { prewitt, prewittTransposed } from './prewitt.js';

/** Below this squared magnitude, of images divided by the data range, a place counts as flat. */
const flatSquare = 1e-12;

/** Two magnitudes that sum to less than this, of images divided by the data range, are not told apart. */
const leastSum = 1e-7;

/**
 * 1 − GMS, with GMS = (2 m₁ m₂ + c) / (m₁² + m₂² + c) of the magnitudes of the gradients of x and y, from
 * a = x + y and b = x − y: (m₁ − m₂)² / ((|∇a|² + |∇b|²) / 2 + c).
 *
 * m₁ − m₂ is (∇a · ∇b) / (m₁ + m₂): exactly 0 for equal images and precise for nearly equal ones. The slope
 * of m = |∇x|, the unit vector ∇x / m, has no direction where x is flat: it is taken as ∇x m / (m² + 1e-12),
 * the same elsewhere, and 0 there.
 *
 * Images [N, H, W, C] → [N, H − 2, W − 2, C].
 */
export function gradientMagnitudeDistance(a: Tensor4D, b: Tensor4D, c: number): Tensor4D {
  return withGradient(
    [a, b] as const,
    ([sum, gap]) => {
      const { magnitudeGap, below } = compare(slopesOf(sum), slopesOf(gap), c);
      return div(square(magnitudeGap), below);
    },
    (dy, [sum, gap]) => {
      const [ofA, ofB] = [slopesOf(sum), slopesOf(gap)];
      const { magnitudeGap, below, magnitudes } = compare(ofA, ofB, c);
      const distance = div(square(magnitudeGap), below);
      const share = div(dy, below);
      const [unitX, unitY] = magnitudes.map((m) => mul(magnitudeGap, div(m, add(square(m), flatSquare))));
      /** The gradient with respect to one component of ∇a, or of ∇b. */
      const component = (axis: 0 | 1, of: 'a' | 'b'): Tensor4D => {
        const [slopeX, slopeY] = [half(add(ofA[axis], ofB[axis])), half(sub(ofA[axis], ofB[axis]))];
        const [x, y] = [mul(unitX!, slopeX), mul(unitY!, slopeY)];
        const own = of === 'a' ? ofA[axis] : ofB[axis];
        return mul(share, sub(of === 'a' ? sub(x, y) : add(x, y), mul(distance, own)));
      };
      const transposed = (of: 'a' | 'b'): Tensor4D =>
        add(prewittTransposed(component(0, of), 1), prewittTransposed(component(1, of), 2));
      return [transposed('a'), transposed('b')];
    },
  );
}

type Slopes = readonly [vertical: Tensor4D, horizontal: Tensor4D];

function slopesOf(images: Tensor4D): Slopes {
  return [prewitt(images, 1), prewitt(images, 2)];
}

/** m₁ and m₂, m₁ − m₂ and m₁² + m₂² + c, from ∇a and ∇b. */
function compare(
  a: Slopes,
  b: Slopes,
  c: number,
): {
  readonly magnitudes: readonly Tensor4D[];
  readonly magnitudeGap: Tensor4D;
  readonly below: Tensor4D;
} {
  const magnitudes = [
    half(length([add(a[0], b[0]), add(a[1], b[1])])),
    half(length([sub(a[0], b[0]), sub(a[1], b[1])])),
  ] as const;
  const product = add(mul(a[0], b[0]), mul(a[1], b[1]));
  const squares = add(squaredLength(a), squaredLength(b));
  return {
    magnitudes,
    magnitudeGap: div(product, atLeast(add(...magnitudes), leastSum)),
    below: add(half(squares as Tensor4D), c),
  };
}

function squaredLength([vertical, horizontal]: Slopes): Tensor4D {
  return add(square(vertical), square(horizontal));
}

/** Like a deviation, whose slope where flat is the same: 0. */
function length(slopes: Slopes): Tensor4D {
  return deviation(squaredLength(slopes));
}

function half(x: Tensor4D): Tensor4D {
  return mul(x, 0.5);
}
