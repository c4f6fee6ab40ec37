import { sourceIndex } from '../../filters/paddings.js';
import { mapShape } from './contract.js';
import type { SsimAttrs, SsimBackwardAttrs } from './contract.js';
import type { ImagePair, SsimEngine } from './ssimEngine.js';

/**
 * The same in plain JavaScript, where WebAssembly is missing or forbidden, or a window is too large for it: one
 * pass over the image with rings of rows, in float64.
 */
export class ScriptEngine implements SsimEngine {
  fits(): boolean {
    return true;
  }

  forward(images: ImagePair, attrs: SsimAttrs, value: Float32Array): void {
    const [batch, height, width, channels] = mapShape(images.shape, attrs);
    const pass = new Pass(images, attrs);
    for (let n = 0; n < batch; n++) {
      let total = 0;
      pass.begin(n);
      for (let row = 0; row < height; row++) {
        pass.windowRow(row);
        const { distances } = pass;
        switch (attrs.form) {
          case 'mean':
            total += sum(distances);
            break;
          case 'distance':
            value.set(distances, (n * height + row) * width * channels);
            break;
          case 'similarity':
            for (let j = 0, k = (n * height + row) * width * channels; j < distances.length; j++, k++) {
              value[k] = 1 - distances[j]!;
            }
            break;
          case 'residual':
            meanOfChannels(distances, channels, value, (n * height + row) * width);
            break;
        }
      }
      if (attrs.form === 'mean') value[n] = total / (height * width * channels);
    }
  }

  backward(
    images: ImagePair,
    attrs: SsimBackwardAttrs,
    dy: Float32Array | undefined,
    gradient: Float32Array,
    means?: Float32Array,
  ): void {
    const [batch, height, width, channels] = mapShape(images.shape, attrs);
    const pixels = height * width * channels;
    const windowHeight = attrs.taps[0].length;
    const pass = new Pass(images, attrs, attrs.wrt === 'yTrue' ? 1 : -1);
    const weights = new Float64Array(width * channels);
    gradient.fill(0);
    for (let n = 0; n < batch; n++) {
      let total = 0;
      pass.begin(n);
      for (let row = 0; row < height; row++) {
        const at = n * height + row;
        switch (attrs.form) {
          case 'mean':
            weights.fill((dy === undefined ? 1 : dy[n]!) / pixels);
            break;
          case 'distance':
            weights.set(dy!.subarray(at * weights.length, (at + 1) * weights.length));
            break;
          case 'similarity':
            weights.forEach((_, j) => (weights[j] = -dy![at * weights.length + j]!));
            break;
          case 'residual':
            weights.forEach((_, j) => (weights[j] = dy![at * width + Math.floor(j / channels)]! / channels));
            break;
        }
        pass.windowRow(row);
        pass.partialDerivatives(row, weights);
        total += sum(pass.distances);
        pass.gradientRow(row, gradient);
      }
      for (let row = height; row < height + windowHeight - 1; row++) {
        pass.noPartialDerivatives(row);
        pass.gradientRow(row, gradient);
      }
      if (means !== undefined) means[n] = total / pixels;
    }
  }
}

/** Rows of an image, the newest in the place of the oldest. */
type Ring = readonly Float64Array[];

/** One pass over images of one shape, row by row. */
class Pass {
  readonly distances: Float64Array;

  private readonly images: ImagePair;
  private readonly attrs: SsimAttrs;
  private readonly sign: number;
  private readonly rowTaps: Float64Array;
  private readonly columnTaps: Float64Array;
  private readonly top: number;
  /** Where each column of the padded row comes from. */
  private readonly sources: Int32Array;
  /** a = x + y, b = x − y and their squares, with the border. */
  private readonly rings: Ring[];
  private readonly partials: Ring[];
  /** Of one row: sums along the columns, and over the whole window. */
  private readonly columnSums: Float64Array;
  private readonly sums: Float64Array[];
  private readonly spread: Float64Array;
  private readonly adjoints: Float64Array[];
  private image = 0;
  private rowsTaken = 0;

  /** @param sign of what flows through b: +1 for the gradient in x, −1 for that in y; none without a gradient */
  constructor(images: ImagePair, attrs: SsimAttrs, sign = 0) {
    const [, , width, channels] = images.shape;
    const [rows, columns] = attrs.taps;
    const valid = attrs.padding === 'valid';
    const left = valid ? 0 : (columns.length - 1) / 2;
    const padded = (width + 2 * left) * channels;
    const mapFloats = padded - (columns.length - 1) * channels;
    const border = (columns.length - 1) * channels;
    const numbers = (length: number): Float64Array => new Float64Array(length);
    const ring = (length: number): Ring => Array.from(rows, () => numbers(length));
    const perPart = sign === 0 ? [] : [0, 1, 2];

    this.images = images;
    this.attrs = attrs;
    this.sign = sign;
    this.rowTaps = rows.slice((rows.length - 1) / 2);
    this.columnTaps = columns.slice((columns.length - 1) / 2);
    this.top = valid ? 0 : (rows.length - 1) / 2;
    this.sources = Int32Array.from({ length: width + 2 * left }, (_, column) =>
      sourceIndex(column - left, width, attrs.padding),
    );
    this.rings = [0, 1, 2, 3].map(() => ring(padded));
    this.columnSums = numbers(padded);
    this.sums = [0, 1, 2, 3].map(() => numbers(mapFloats));
    this.distances = numbers(mapFloats);
    this.partials = perPart.map(() => ring(mapFloats));
    this.spread = numbers(mapFloats + 2 * border);
    this.adjoints = perPart.map(() => numbers(padded));
  }

  begin(n: number): void {
    this.image = n;
    this.rowsTaken = 0;
    for (const ring of this.partials) for (const row of ring) row.fill(0);
  }

  /** 1 − SSIM along a row of the map. */
  windowRow(row: number): void {
    const windowHeight = this.attrs.taps[0].length;
    while (this.rowsTaken < row + windowHeight) this.takeRow();
    this.rings.forEach((ring, k) => {
      filterRows(ring, this.rowTaps, row, this.columnSums);
      filterColumns(this.columnSums, this.columnTaps, this.images.shape[3], this.sums[k]!);
    });
    const { c1, c2, varianceScale } = this.attrs;
    pointwise(this.sums as Moments, c1, c2, varianceScale, this.distances);
  }

  /** Into the ring, for the row of the map that was made last. */
  partialDerivatives(row: number, weights: Float64Array): void {
    const { c1, c2, varianceScale } = this.attrs;
    const rows = this.partials.map((ring) => ring[row % ring.length]!);
    partialDerivatives(this.sums as Moments, c1, c2, varianceScale, this.sign, weights, rows as Partials);
  }

  noPartialDerivatives(row: number): void {
    for (const ring of this.partials) ring[row % ring.length]!.fill(0);
  }

  /** Adds the gradient of the row of pixels where the windows of row `row` begin. */
  gradientRow(row: number, gradient: Float32Array): void {
    const { unit, padding, taps } = this.attrs;
    const [, height, width, channels] = this.images.shape;
    const windowHeight = taps[0].length;
    const border = (taps[1].length - 1) * channels;
    const inner = this.spread.subarray(border, this.spread.length - border);
    this.partials.forEach((ring, k) => {
      filterRows(ring, this.rowTaps, row - windowHeight + 1, inner);
      filterColumns(this.spread, this.columnTaps, channels, this.adjoints[k]!);
    });
    const target = sourceIndex(row - this.top, height, padding);
    if (target < 0) return;
    const [a, b] = this.rings.map((ring) => ring[row % windowHeight]!) as [Float64Array, Float64Array];
    const [qA, qB, r] = this.adjoints as unknown as Partials;
    const first = (this.image * height + target) * width;
    const scale = 1 / unit;
    for (let column = 0, j = 0; column < this.sources.length; column++) {
      const source = this.sources[column]!;
      if (source < 0) {
        j += channels;
        continue;
      }
      for (let k = (first + source) * channels, end = k + channels; k < end; k++, j++) {
        gradient[k]! += (qA[j]! * a[j]! + qB[j]! * b[j]! + r[j]!) * scale;
      }
    }
  }

  private takeRow(): void {
    const { x, y, shape } = this.images;
    const [, height, width, channels] = shape;
    const row = this.rowsTaken++;
    const [a, b, aa, bb] = this.rings.map((ring) => ring[row % ring.length]!) as unknown as Moments;
    const source = sourceIndex(row - this.top, height, this.attrs.padding);
    const first = (this.image * height + source) * width;
    const scale = 1 / this.attrs.unit;
    for (let column = 0, j = 0; column < this.sources.length; column++) {
      const from = this.sources[column]!;
      const isZero = source < 0 || from < 0;
      for (let k = (first + from) * channels, end = k + channels; k < end; k++, j++) {
        const px = isZero ? 0 : x[k]!;
        const py = isZero ? 0 : y[k]!;
        const plus = (px + py) * scale;
        const minus = (px - py) * scale;
        a[j] = plus;
        b[j] = minus;
        aa[j] = plus * plus;
        bb[j] = minus * minus;
      }
    }
  }
}

/** Σ t a, Σ t b, Σ t a² and Σ t b². */
type Moments = [Float64Array, Float64Array, Float64Array, Float64Array];
/** Qa, Qb and R: see {@link partialDerivatives}. */
type Partials = [Float64Array, Float64Array, Float64Array];

/** d = p + q − p q with p = 1 − l = 2 μb² / (μa² + μb² + 2 c1) and q = 1 − cs = 2 σb² / (σa² + σb² + 2 c2). */
function pointwise(
  [meansA, meansB, squaresA, squaresB]: Moments,
  c1: number,
  c2: number,
  varianceScale: number,
  distances: Float64Array,
): void {
  for (let j = 0; j < distances.length; j++) {
    const meanA = meansA[j]!;
    const meanB = meansB[j]!;
    const varianceA = Math.max(squaresA[j]! - meanA * meanA, 0) * varianceScale;
    const varianceB = Math.max(squaresB[j]! - meanB * meanB, 0) * varianceScale;
    const p = (2 * meanB * meanB) / (meanA * meanA + meanB * meanB + 2 * c1);
    const q = (2 * varianceB) / (varianceA + varianceB + 2 * c2);
    distances[j] = p + q * (1 - p);
  }
}

/**
 * So arranged that the gradient of Σ weight · d at pixel i is Σ t (R + Qa a_i + Qb b_i) over the windows that
 * see it: Qa = 2 ∂d/∂σa², Qb = ± 2 ∂d/∂σb², R = ∂d/∂μa ± ∂d/∂μb − Qa μa − Qb μb, with `sign` for ±.
 */
function partialDerivatives(
  [meansA, meansB, squaresA, squaresB]: Moments,
  c1: number,
  c2: number,
  varianceScale: number,
  sign: number,
  weights: Float64Array,
  [qA, qB, r]: Partials,
): void {
  for (let j = 0; j < weights.length; j++) {
    const meanA = meansA[j]!;
    const meanB = meansB[j]!;
    const varianceA = Math.max(squaresA[j]! - meanA * meanA, 0) * varianceScale;
    const varianceB = Math.max(squaresB[j]! - meanB * meanB, 0) * varianceScale;
    const d1 = meanA * meanA + meanB * meanB + 2 * c1;
    const d2 = varianceA + varianceB + 2 * c2;
    const p = (2 * meanB * meanB) / d1;
    const q = (2 * varianceB) / d2;
    const weight = 2 * weights[j]!;
    const luminance = (weight * (1 - q)) / d1;
    const structure = (weight * varianceScale * (1 - p)) / d2;
    const byA = -structure * q;
    const byB = sign * structure * (2 - q);
    qA[j] = byA;
    qB[j] = byB;
    r[j] = luminance * (sign * meanB * (2 - p) - meanA * p) - byA * meanA - byB * meanB;
  }
}

/** Σ taps of the rows from `first` on, up and down from their middle. */
function filterRows(ring: Ring, taps: Float64Array, first: number, sums: Float64Array): void {
  const height = ring.length;
  // + height: a gradient begins with windows above the first, all zeros.
  const middle = first + taps.length - 1 + height;
  const row = (k: number): Float64Array => ring[(middle + k) % height]!;
  scaleRow(row(0), taps[0]!, 0, sums);
  let k = 1;
  for (; k + 1 < taps.length; k += 2) {
    addTwoPairs(row(-k), row(k), row(-k - 1), row(k + 1), taps[k]!, taps[k + 1]!, 0, 0, 0, 0, sums);
  }
  if (k < taps.length) addPair(row(-k), row(k), taps[k]!, 0, 0, sums);
}

/** The same along a row, whose pixels are `step` numbers apart. */
function filterColumns(row: Float64Array, taps: Float64Array, step: number, sums: Float64Array): void {
  const middle = (taps.length - 1) * step;
  scaleRow(row, taps[0]!, middle, sums);
  let k = 1;
  for (; k + 1 < taps.length; k += 2) {
    const [near, far] = [k * step, (k + 1) * step];
    addTwoPairs(
      ...([row, row, row, row, taps[k]!, taps[k + 1]!] as const),
      ...([middle - near, middle + near, middle - far, middle + far] as const),
      sums,
    );
  }
  if (k < taps.length) addPair(row, row, taps[k]!, middle - k * step, middle + k * step, sums);
}

function scaleRow(row: Float64Array, tap: number, from: number, sums: Float64Array): void {
  for (let j = 0; j < sums.length; j++) sums[j] = tap * row[j + from]!;
}

function addPair(
  above: Float64Array,
  below: Float64Array,
  tap: number,
  fromAbove: number,
  fromBelow: number,
  sums: Float64Array,
): void {
  for (let j = 0; j < sums.length; j++) {
    sums[j] = sums[j]! + tap * (above[j + fromAbove]! + below[j + fromBelow]!);
  }
}

/** Two pairs in one go: half as many reads and writes of the sums. */
function addTwoPairs(
  above: Float64Array,
  below: Float64Array,
  farAbove: Float64Array,
  farBelow: Float64Array,
  tap: number,
  farTap: number,
  fromAbove: number,
  fromBelow: number,
  fromFarAbove: number,
  fromFarBelow: number,
  sums: Float64Array,
): void {
  for (let j = 0; j < sums.length; j++) {
    sums[j] =
      sums[j]! +
      tap * (above[j + fromAbove]! + below[j + fromBelow]!) +
      farTap * (farAbove[j + fromFarAbove]! + farBelow[j + fromFarBelow]!);
  }
}

function sum(numbers: Float64Array): number {
  let total = 0;
  for (let j = 0; j < numbers.length; j++) total += numbers[j]!;
  return total;
}

function meanOfChannels(row: Float64Array, channels: number, means: Float32Array, first: number): void {
  for (let pixel = first, j = 0; j < row.length; pixel++) {
    let total = 0;
    for (let channel = 0; channel < channels; channel++) total += row[j++]!;
    means[pixel] = total / channels;
  }
}
