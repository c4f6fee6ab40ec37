/**
 * The formulas of contract.ts for shaders, in words that `inWgsl` turns into WGSL. m are the moments of a window: the means
 * of a and b, then their variances.
 *
 * Functions, all of them: a bundler keeps text that is put together when the module loads.
 */

/**
 * A pixel (x, y) as (a, b), from the one in the middle of the window. Each difference is taken in the order in which it is
 * exact where that counts: the images nearly flat for a, nearly equal for b.
 */
export const fromMiddle = (): string => `
    vec2 fromMiddle(vec2 pixel, vec2 middle) {
      return vec2(
        (pixel.x - middle.x) + (pixel.y - middle.y),
        (pixel.x - pixel.y) - (middle.x - middle.y));
    }`;

/** The variances of a and b from their first and second moments about the middle: little cancels there. */
export const variances = (): string => `
    float notNegative(float v) {
      if (isNegative(v)) { return 0.0; }
      return v;
    }
    vec2 variances(vec2 first, vec2 second) {
      vec2 v = second - first * first;
      return vec2(notNegative(v.x), notNegative(v.y));
    }`;

/** d, in [0, 2] apart from rounding. */
export const distance = (luminance: boolean): string => `
    float distanceOf(vec4 m) {
      vec2 squares = m.xy * m.xy;
      vec2 denominators = vec2(squares.x + squares.y + c1Twice, m.z + m.w + c2Twice);
      vec2 pq = 2.0 * vec2(squares.y, m.w) / denominators;${luminance ? '' : '\n      pq.x = 0.0;'}
      float d = pq.x + pq.y * (1.0 - pq.x);
      if (isNegative(d)) { return 0.0; }
      if (isAboveTwo(d)) { return 2.0; }
      return d;
    }`;

/** Of (a, b): u − v, u and v, u the image that the gradient is taken for; `direction` is 1 for x, −1 for y. */
export const parts = (): string => `
    vec3 parts(vec2 ab) {
      float b = ab.y * direction;
      return vec3(b, 0.5 * (ab.x + b), 0.5 * (ab.x - b));
    }`;

/** The same of a pixel (x, y), where the halves would round. */
export const partsOfPixel = (): string => `
    vec3 partsOfPixel(vec2 pixel) {
      if (direction > 0.0) { return vec3(pixel.x - pixel.y, pixel); }
      return vec3(pixel.y - pixel.x, pixel.yx);
    }`;

/** What a window gives to the adjoint, (k, r). */
export const adjoint = (luminance: boolean): string => `
    vec3 coefficients(float dissimilarity, float similarity) {
      if (dissimilarity < 0.5) { return vec3(1.0, -dissimilarity, 0.0); }
      return vec3(0.0, similarity, -1.0);
    }
    vec4 adjointOf(vec4 m, vec3 pivot) {
      vec2 constants = vec2(c1Twice, c2Twice);
      vec2 squares = m.xy * m.xy;
      vec2 inverses = 1.0 / (vec2(squares.x + squares.y, m.z + m.w) + constants);
      vec2 pq = 2.0 * vec2(squares.y, m.w) * inverses;
      vec2 similarities = (vec2((m.x - m.y) * (m.x + m.y), m.z - m.w) + constants) * inverses;
      ${luminance ? '' : 'similarities.x = 1.0;'}
      vec3 mean = parts(m.xy);
      vec3 k = 4.0 * similarities.x * inverses.y * varianceScale * coefficients(pq.y, similarities.y);
      ${
        luminance
          ? 'float r = 4.0 * similarities.y * inverses.x * dot(coefficients(pq.x, similarities.x), mean);'
          : 'float r = 0.0;'
      }
      return vec4(k, r - dot(k, mean - pivot));
    }`;
