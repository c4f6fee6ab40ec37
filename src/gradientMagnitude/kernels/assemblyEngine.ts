import { clearReplaced, imagePairs } from '../../backends/imagePairs.js';
import type { ImagePair } from '../../backends/imagePairs.js';
import { instantiate } from '../../backends/instantiate.js';
import type { ImageArrays, PairEngine, Shape4D } from '../../backends/pairOnArrays.js';
import { sourceIndex } from '../../filters/paddings.js';
import { gmsCode } from './assembly/gmsCode.js';
import { isScore, mapSize, valueShape } from './contract.js';
import type { GmsAttrs, GmsBackwardAttrs } from './contract.js';
import { meanDeviation } from './meanDeviation.js';
import { resizing } from './resizing.js';
import type { Resizing } from './resizing.js';
import { sharesAt } from './weightedImages.js';

/** What assembly/gms.ts exports. */
interface GmsModule {
  readonly memory: WebAssembly.Memory;
  configure(
    mode: number,
    channels: number,
    height: number,
    width: number,
    level: number,
    border: number,
    sourceLeft: number,
    sourceRight: number,
    weightFloats: number,
    stripRows: number,
  ): number;
  constants(unit: number, c: number, signOfB: number): void;
  setWeightFactor(factor: number): void;
  setWeight(weight: number): void;
  stageOfX(): number;
  stageOfY(): number;
  stageOfWeight(): number;
  stageOfOutput(): number;
  begin(): void;
  seek(row: number): void;
  take(rows: number): number;
  takeZeros(): number;
  flush(): number;
  sumOfDistances(): number;
  shareOfRow(row: number): number;
}

const modes = { sum: 0, distance: 1, residual: 2, gradient: 3 } as const;
type Mode = keyof typeof modes;

/** What the module has room for: numbers in a row, and halvings. */
const mostInRow = 65536;
const mostHalvings = 24;
/** Numbers of the images that are copied at once: they stay in the cache. */
const stripFloats = 16384;
const pageBytes = 65536;

/** What d counts: the same everywhere, or rows of weights from `first` on, each times a factor. */
type MapWeights =
  | number
  | {
      readonly data: Float32Array;
      readonly first: number;
      readonly rowFloats: number;
      readonly factor: number;
    };

/** Rows that went out: the first of them, and how many. */
type Sink = (row: number, count: number) => void;

/** Whether the module has room for rows of such images, and for so many halvings. */
export function hasRoomFor(
  [, , width, channels]: Shape4D,
  { first, levels }: Pick<GmsAttrs, 'first' | 'levels'>,
): boolean {
  return width * channels <= mostInRow && first + levels - 1 <= mostHalvings;
}

/** The SIMD kernel. Images pass through it in strips, so that its memory does not depend on their height. */
export class AssemblyEngine implements PairEngine<GmsAttrs> {
  declare private readonly module: GmsModule;
  declare private heap: Float32Array;

  /** Throws where WebAssembly or its SIMD is missing or forbidden. */
  constructor() {
    this.module = instantiate<GmsModule>(gmsCode);
    this.heap = new Float32Array(this.module.memory.buffer);
  }

  valueShape(shape: Shape4D, attrs: GmsAttrs): number[] {
    return valueShape(shape, attrs);
  }

  value(images: ImageArrays, attrs: GmsAttrs, value: Float32Array): void {
    const { form } = attrs;
    const { shape } = images;
    const pairs = imagePairs(images);
    const sums = new Float64Array(shape[0]);
    if (form === 'residual') value.fill(0);
    for (const level of levelsOf(attrs)) {
      const sharesOf = sharesAtLevel(images, pairs, level, attrs);
      const map = form === 'deviation' ? emptyMap(shape, level, attrs) : value;
      const residual = form === 'residual' ? residualAt(shape, level, attrs) : undefined;
      pairs.forEach((pair, n) => {
        if (form === 'mean') {
          const weights = meanWeights(shape, level, attrs, sharesOf(n));
          sums[n]! += this.pass(pair, shape, attrs, level, 'sum', weights, () => undefined);
        } else if (form === 'deviation') {
          this.passToMap(pair, shape, attrs, level, 'distance', map, 0);
          sums[n] = meanDeviation(map, shape[3], sharesOf(n));
        } else if (residual !== undefined) {
          this.passToMap(pair, shape, attrs, level, 'residual', residual.map, 0);
          residual.addResized(residual.map, 1 / attrs.levels, planeOf(value, n, shape));
        } else {
          this.passToMap(pair, shape, attrs, level, 'distance', map, (n * map.length) / shape[0]);
        }
      });
    }
    if (isScore(form)) value.set(sums);
  }

  gradient(
    images: ImageArrays,
    attrs: GmsBackwardAttrs,
    dy: Float32Array | undefined,
    gradient: Float32Array,
  ): Float64Array {
    const { form } = attrs;
    const { shape } = images;
    const [batch, , , channels] = shape;
    const pairs = imagePairs(images);
    const sums = new Float64Array(batch);
    if (attrs.first > 0) gradient.fill(0);
    for (const level of levelsOf(attrs)) {
      const sharesOf = sharesAtLevel(images, pairs, level, attrs);
      const mapWidth = mapSize(shape, level, attrs.padding)[1];
      const map = form === 'deviation' ? emptyMap(shape, level, attrs) : undefined;
      const residual = form === 'residual' ? residualAt(shape, level, attrs) : undefined;
      pairs.forEach((pair, n) => {
        const times = dy === undefined ? 1 : dy[n]!;
        let weights: MapWeights;
        if (form === 'mean') {
          weights = meanWeights(shape, level, attrs, sharesOf(n), times);
        } else if (map !== undefined) {
          this.passToMap(pair, shape, attrs, level, 'distance', map, 0);
          sums[n] = meanDeviation(map, channels, sharesOf(n), true);
          weights = { data: map, first: 0, rowFloats: mapWidth * channels, factor: times };
        } else if (residual !== undefined) {
          residual.map.fill(0);
          residual.addTransposed(planeOf(dy!, n, shape), 1 / attrs.levels, residual.map);
          weights = { data: residual.map, first: 0, rowFloats: mapWidth, factor: 1 / channels };
        } else {
          weights = { data: dy!, first: (n * dy!.length) / batch, rowFloats: mapWidth * channels, factor: 1 };
        }
        const sum = this.passToGradient(pair, n, shape, attrs, level, weights, gradient);
        if (form === 'mean') sums[n]! += sum;
      });
    }
    pairs.forEach((pair, n) => {
      clearReplaced(pair, gradient.subarray((n * gradient.length) / batch), channels);
    });
    return sums;
  }

  /** The rows of one image's map, from `first` on. */
  private passToMap(
    pair: ImagePair,
    shape: Shape4D,
    attrs: GmsAttrs,
    level: number,
    mode: 'distance' | 'residual',
    map: Float32Array,
    first: number,
  ): void {
    const rowFloats = mapSize(shape, level, attrs.padding)[1] * (mode === 'residual' ? 1 : shape[3]);
    this.pass(pair, shape, attrs, level, mode, 0, (row, count) => {
      const from = this.module.stageOfOutput() / 4;
      map.set(this.heap.subarray(from, from + count * rowFloats), first + row * rowFloats);
    });
  }

  /** Adds one level's gradient of Σ weight · d to that of the others; gives the sum itself. */
  private passToGradient(
    pair: ImagePair,
    n: number,
    shape: Shape4D,
    attrs: GmsBackwardAttrs,
    level: number,
    weights: MapWeights,
    gradient: Float32Array,
  ): number {
    const { padding } = attrs;
    const [, height, width, channels] = shape;
    const levelHeight = Math.ceil(height / 2 ** level);
    const border = padding === 'valid' ? 0 : 1;
    const rowFloats = width * channels;
    const image = gradient.subarray(n * height * rowFloats, (n + 1) * height * rowFloats);
    const add = (staged: number, row: number, share: number): void => {
      const from = this.module.stageOfOutput() / 4 + staged * rowFloats;
      const to = row * rowFloats;
      for (let j = 0; j < rowFloats; j++) image[to + j]! += share * this.heap[from + j]!;
    };
    // Rows that border rows copy get from those as well.
    const copied = border === 0 ? [] : [-1, height].map((row) => sourceIndex(row, height, padding));
    if (level === 0) {
      for (const row of copied) if (row >= 0) image.fill(0, row * rowFloats, (row + 1) * rowFloats);
    }
    const sign = attrs.wrt === 'yTrue' ? 1 : -1;
    return this.pass(
      pair,
      shape,
      attrs,
      level,
      'gradient',
      weights,
      (first, count) => {
        for (let k = 0; k < count; k++) {
          const row = sourceIndex(first + k - border, levelHeight, padding);
          if (row < 0) continue;
          if (level > 0) {
            const end = Math.min((row + 1) * 2 ** level, height);
            for (let i = row * 2 ** level; i < end; i++) add(k, i, this.module.shareOfRow(i));
          } else if (copied.includes(row)) {
            add(k, row, 1);
          } else {
            const from = this.module.stageOfOutput() / 4 + k * rowFloats;
            image.set(this.heap.subarray(from, from + rowFloats), row * rowFloats);
          }
        }
      },
      sign,
    );
  }

  /** Sends one image through the module at one level, and tells which rows are in the output stage; gives Σ weight · d. */
  private pass(
    { x, y }: ImagePair,
    shape: Shape4D,
    { padding, unit, c }: GmsAttrs,
    level: number,
    mode: Mode,
    weights: MapWeights,
    output: Sink,
    sign = 0,
  ): number {
    const module = this.module;
    const [, height, width, channels] = shape;
    const [levelHeight, levelWidth] = [height, width].map((size) => Math.ceil(size / 2 ** level)) as [
      number,
      number,
    ];
    const rowFloats = width * channels;
    const border = padding === 'valid' ? 0 : 1;
    const weightFloats = typeof weights === 'number' ? 0 : weights.rowFloats;
    const stripRows = Math.max(1, Math.min(height, Math.floor(stripFloats / rowFloats)));
    const [left, right] = [-1, levelWidth].map((column) => sourceIndex(column, levelWidth, padding)) as [
      number,
      number,
    ];
    const bytes = module.configure(
      modes[mode],
      ...([channels, height, width, level, border, left, right, weightFloats, stripRows] as const),
    );
    const missing = bytes - module.memory.buffer.byteLength;
    if (missing > 0) module.memory.grow(Math.ceil(missing / pageBytes));
    if (this.heap.buffer !== module.memory.buffer) this.heap = new Float32Array(module.memory.buffer);
    module.constants(unit, c, sign);
    if (typeof weights === 'number') module.setWeight(weights);
    else module.setWeightFactor(weights.factor);

    const [stageX, stageY, stageWeight] = [module.stageOfX(), module.stageOfY(), module.stageOfWeight()];
    let rowsIn = 0;
    let rowsOut = 0;
    /** Runs what takes in so many rows of the level, when the weights of the map's rows that these make are there. */
    const rowsOfLevel = (count: number, take: () => number): void => {
      rowsIn += count;
      if (typeof weights !== 'number') {
        const from = weights.first + rowsOut * weightFloats;
        const end = weights.first + Math.max(0, rowsIn - 2) * weightFloats;
        this.heap.set(weights.data.subarray(from, end), stageWeight / 4);
      }
      const rows = take();
      if (rows > 0) output(rowsOut, rows);
      rowsOut += rows;
    };
    const imageRows = (first: number, end: number): void => {
      module.seek(first);
      for (let row = first; row < end;) {
        const next = Math.min(row + stripRows, end);
        for (const [data, stage] of [
          [x, stageX],
          [y, stageY],
        ] as const) {
          this.heap.set(data.subarray(row * rowFloats, next * rowFloats), stage / 4);
        }
        const complete = next === height ? levelHeight : Math.floor(next / 2 ** level);
        const rows = next - row;
        rowsOfLevel(complete - Math.floor(row / 2 ** level), () => module.take(rows));
        row = next;
      }
    };
    const borderRow = (place: number): void => {
      const row = sourceIndex(place, levelHeight, padding);
      if (row < 0) rowsOfLevel(1, () => module.takeZeros());
      else imageRows(row * 2 ** level, Math.min((row + 1) * 2 ** level, height));
    };
    module.begin();
    if (border > 0) borderRow(-1);
    imageRows(0, height);
    if (border > 0) borderRow(levelHeight);
    const last = module.flush();
    if (last > 0) output(rowsOut, last);
    return module.sumOfDistances();
  }
}

function levelsOf({ first, levels }: GmsAttrs): number[] {
  return Array.from({ length: levels }, (_, k) => first + k);
}

function emptyMap(shape: Shape4D, level: number, { padding }: GmsAttrs): Float32Array {
  const [height, width] = mapSize(shape, level, padding);
  return new Float32Array(height * width * shape[3]);
}

/** Room for the means over channels of one image's map, and how that map is resized to the image. */
function residualAt(
  shape: Shape4D,
  level: number,
  { padding }: GmsAttrs,
): Resizing & { readonly map: Float32Array } {
  const [height, width] = mapSize(shape, level, padding);
  return { map: new Float32Array(height * width), ...resizing([height, width], [shape[1], shape[2]]) };
}

/** One image of a map of one channel. */
function planeOf(data: Float32Array, n: number, [, height, width]: Shape4D): Float32Array {
  return data.subarray(n * height * width, (n + 1) * height * width);
}

/** The shares of every image's pixels, made once where all images have the same. */
function sharesAtLevel(
  { shape, weights }: ImageArrays,
  pairs: readonly ImagePair[],
  level: number,
  { padding }: GmsAttrs,
): (n: number) => Float32Array | undefined {
  const isShared = weights?.length === shape[1] * shape[2];
  let shares: Float32Array | undefined;
  return (n) => {
    const own = pairs[n]!.weights;
    if (own === undefined) return undefined;
    if (shares === undefined || !isShared) shares = sharesAt(own, shape, level, padding);
    return shares;
  };
}

/** What each d counts in the mean over all levels, times a factor. */
function meanWeights(
  shape: Shape4D,
  level: number,
  { levels, padding }: GmsAttrs,
  shares: Float32Array | undefined,
  factor = 1,
): MapWeights {
  const [height, width] = mapSize(shape, level, padding);
  const each = factor / (levels * shape[3]);
  if (shares === undefined) return each / (height * width);
  return { data: shares, first: 0, rowFloats: width, factor: each };
}
