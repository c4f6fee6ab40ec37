import { instantiate } from '../../backends/instantiate.js';
import type { ImageArrays, PairEngine, Shape4D } from '../../backends/pairOnArrays.js';
import { pixelsCode } from './assembly/pixelsCode.js';
import { valueShape } from './contract.js';
import type { PixelAttrs, PixelBackwardAttrs } from './contract.js';

/** What assembly/pixels.ts exports. */
interface PixelsModule {
  readonly memory: WebAssembly.Memory;
  compare(distance: number, numbers: number, scale: number, bound: number, factor: number): number;
}

const codes: Readonly<Record<PixelAttrs['distance'], number>> = { l1: 0, l2: 1, charbonnier: 2, huber: 3 };
/** Numbers of a strip, and where each of them lies in the module's memory. */
const stripFloats = 8192;
const [stageOfX, stageOfY, stageOfCounts, stageOfDistances, stageOfSlopes] = [0, 1, 2, 3, 4];

/** What is wanted of a strip, besides its sum. */
interface Wanted {
  readonly distances?: Float32Array | undefined;
  readonly gradient?: Float32Array | undefined;
  readonly dy?: Float32Array | undefined;
  readonly sign?: number;
}

/** The SIMD kernel. Images pass through it in strips. */
export class PixelEngine implements PairEngine<PixelAttrs> {
  declare private readonly module: PixelsModule;
  declare private readonly heap: Float32Array;

  /** Throws where WebAssembly or its SIMD is missing or forbidden. */
  constructor() {
    this.module = instantiate<PixelsModule>(pixelsCode);
    this.heap = new Float32Array(this.module.memory.buffer);
  }

  valueShape(shape: Shape4D, attrs: PixelAttrs): number[] {
    return valueShape(shape, attrs);
  }

  value(images: ImageArrays, attrs: PixelAttrs, value: Float32Array): void {
    const channels = images.shape[3];
    if (attrs.form === 'sum') {
      value.set(this.compare(images, attrs, {}));
    } else if (channels === 1) {
      this.compare(images, attrs, { distances: value });
    } else {
      const distances = new Float32Array(images.x.length);
      this.compare(images, attrs, { distances });
      for (let pixel = 0, k = 0; pixel < value.length; pixel++) {
        let sum = 0;
        for (let c = 0; c < channels; c++, k++) sum += distances[k]!;
        value[pixel] = sum;
      }
    }
  }

  gradient(
    images: ImageArrays,
    attrs: PixelBackwardAttrs,
    dy: Float32Array | undefined,
    gradient: Float32Array,
  ): Float64Array {
    return this.compare(images, attrs, { gradient, dy, sign: attrs.wrt === 'yTrue' ? 1 : -1 });
  }

  /** The sum of each image. */
  private compare(
    { shape, x, y, weights }: ImageArrays,
    { form, distance, bound, unit }: PixelAttrs,
    { distances, gradient, dy, sign = 1 }: Wanted,
  ): Float64Array {
    const { heap, module } = this;
    const stage = (strip: number, values: Float32Array, from: number, end: number): void => {
      heap.set(values.subarray(from, end), strip * stripFloats);
    };
    const [batch, , , channels] = shape;
    const size = x.length / batch;
    const counts = perNumber(form === 'map' ? dy : weights, x.length, channels);
    if (counts === undefined) heap.fill(1, stageOfCounts * stripFloats, (stageOfCounts + 1) * stripFloats);
    const sums = new Float64Array(batch);
    for (let n = 0; n < batch; n++) {
      const factor = (sign / unit) * (form === 'sum' && dy !== undefined ? dy[n]! : 1);
      for (let from = n * size; from < (n + 1) * size; from += stripFloats) {
        const end = Math.min(from + stripFloats, (n + 1) * size);
        const numbers = end - from;
        stage(stageOfX, x, from, end);
        stage(stageOfY, y, from, end);
        if (counts !== undefined) stage(stageOfCounts, counts, from, end);
        // Two are compared at once: an odd one out has an equal neighbour.
        if (numbers % 2 === 1) {
          heap[numbers] = heap[stripFloats + numbers] = 0;
          if (counts !== undefined) heap[stageOfCounts * stripFloats + numbers] = 0;
        }
        sums[n]! += module.compare(codes[distance], numbers, 1 / unit, bound, factor);
        for (const [strip, output] of [
          [stageOfDistances, distances],
          [stageOfSlopes, gradient],
        ] as const) {
          output?.set(heap.subarray(strip * stripFloats, strip * stripFloats + numbers), from);
        }
      }
    }
    return sums;
  }
}

/** What each pixel has, of each image or of all, for every number of the images. */
function perNumber(
  values: Float32Array | undefined,
  length: number,
  channels: number,
): Float32Array | undefined {
  if (values === undefined || values.length === length) return values;
  const numbers = new Float32Array(length);
  for (let k = 0, pixel = 0; k < length; pixel = (pixel + 1) % values.length) {
    const value = values[pixel]!;
    for (let c = 0; c < channels; c++, k++) numbers[k] = value;
  }
  return numbers;
}
