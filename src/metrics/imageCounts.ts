import { checkMapsAndMasks, checkSize } from '../checks/arrays.js';
import type { ImageSize, Masks, ScoreMaps } from '../checks/arrays.js';
import { checkArguments, checkOptionNames } from '../checks/options.js';
import { valueText } from '../checks/tensors.js';
import { splitKeys } from '../ranking/scoreSteps.js';
import {
  KeyList,
  checkSameCapacity,
  checkState,
  countKeys,
  decodedCounts,
  decodedKeys,
  dense,
  encoded,
  notAnAccumulator,
  shiftOf,
  sparse,
  sumOf,
} from './accumulation.js';
import type { Capacity } from './accumulation.js';
import { checkBounds, checkImages } from './imageOverlap.js';
import { logarithmicOverlap } from './logarithmicOverlap.js';
import type { NamedAuPimo } from './pimoAccumulator.js';

const kind = 'ssim-ae images';

/** How many defective pixels an image has at each of its scores or in each of its bins, ascending. */
interface Steps {
  readonly keys: Int32Array;
  readonly counts: Float64Array;
}

/** Pixels of normal images and of each defect, all of them while there are few, counted in bins when there are more. */
export class ImageCounts {
  declare private readonly size: ImageSize;
  declare private readonly capacity: Capacity;
  declare count: number;
  /** Keys of the normal pixels while they are kept, counts of bins after that. */
  declare private kept: KeyList | undefined;
  declare private bins: Float64Array | undefined;
  /** Those of each image with a defect: of keys while they are kept, of bins after that. */
  declare private defects: Map<string, Steps>;

  constructor(size: ImageSize, capacity: Capacity) {
    this.size = size;
    this.capacity = capacity;
    this.count = 0;
    this.kept = new KeyList();
    this.defects = new Map();
  }

  add(maps: ScoreMaps, masks: Masks, names: readonly string[]): void {
    checkArguments('pimoAccumulator.add', arguments, 3);
    const name = 'pimoAccumulator.add';
    const checked = checkMapsAndMasks(name, maps, masks, this.size);
    this.checkNames(name, names, checked.masks);
    checked.maps.forEach((map, image) => {
      const mask = checked.masks[image]!;
      const area = mask.reduce((sum, value) => sum + value, 0);
      const keys = splitKeys(Float32Array.from(map), mask, area);
      if (area === 0) this.addKeys(keys.negatives, new Map());
      else this.addKeys(new Int32Array(0), new Map([[names[image]!, stepsOfKeys(keys.positives)]]));
    });
  }

  merge(other: unknown): void {
    checkArguments('pimoAccumulator.merge', arguments, 1);
    const name = 'pimoAccumulator.merge';
    if (!(other instanceof ImageCounts)) {
      throw notAnAccumulator('pimoAccumulator', other);
    }
    for (const side of ['height', 'width'] as const) {
      if (this.size[side] === other.size[side]) continue;
      throw new RangeError(
        `${name}: both accumulators must have the same ${side}, but got ${this.size[side]} and ${other.size[side]}.`,
      );
    }
    checkSameCapacity(name, this.capacity, other.capacity);
    for (const defect of other.defects.keys()) this.checkNew(name, defect);
    if (other.bins === undefined) {
      this.addKeys(other.kept!.joined(), other.defects);
      return;
    }
    const own = this.binned();
    other.bins.forEach((count, bin) => (own[bin]! += count));
    other.defects.forEach((steps, defect) => this.defects.set(defect, steps));
    this.count += other.count;
  }

  auPimo(options: { readonly bounds?: readonly [number, number] } = {}): NamedAuPimo {
    checkArguments('pimoAccumulator.auPimo', arguments, 1);
    const name = 'pimoAccumulator.auPimo';
    checkOptionNames(name, options, ['bounds']);
    const bounds = checkBounds(name, options.bounds ?? [1e-5, 1e-4]);
    const normal = this.normalSteps();
    const normals = sumOf(normal.counts);
    checkImages(name, { normals, defects: this.defects.size, bounds });
    const images = this.sorted();
    const figures = images.map(([, { keys, counts }]) =>
      logarithmicOverlap({ bounds, normals, area: sumOf(counts) }, (step) => {
        let [p, n] = [keys.length - 1, normal.keys.length - 1];
        while (n >= 0) {
          const key = p >= 0 && keys[p]! > normal.keys[n]! ? keys[p]! : normal.keys[n]!;
          const positives = keys[p] === key ? counts[p--]! : 0;
          const negatives = normal.keys[n] === key ? normal.counts[n--]! : 0;
          if (!step(positives, negatives)) return;
        }
      }),
    );
    return {
      names: images.map(([defect]) => defect),
      scores: Float64Array.from(figures, ({ value }) => value),
      errorBounds: Float64Array.from(figures, ({ errorBound }) => (this.bins === undefined ? 0 : errorBound)),
    };
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const head = { kind, ...this.capacity, ...this.size };
    const defects = this.sorted().map(([name, { keys, counts }]) => ({
      name,
      keys: encoded(keys),
      counts: encoded(counts),
    }));
    if (this.bins === undefined) return { ...head, kept: encoded(this.kept!.joined().sort()), defects };
    const { bins, columns } = sparse([this.bins]);
    return { ...head, binned: { bins, normals: columns[0] }, defects };
  }

  /** Takes in what toJSON gave. */
  restore(functionName: string, state: Readonly<Record<string, unknown>>): void {
    const { kept, defects } = state;
    const binned = state['binned'] as Record<string, unknown> | undefined;
    if (!Array.isArray(defects)) {
      throw new TypeError(`${functionName}: defects must be a list, but got ${valueText(defects)}.`);
    }
    const images = new Map<string, Steps>();
    defects.forEach((defect: unknown, k) => {
      const where = `${functionName}: defects[${k}]`;
      const { name, keys, counts } = (defect ?? {}) as Record<string, unknown>;
      if (typeof name !== 'string' || images.has(name)) {
        throw new RangeError(`${where}.name must be a name that no other has, but got ${valueText(name)}.`);
      }
      const places = decodedKeys(`${where}.keys`, keys);
      images.set(name, { keys: places, counts: decodedCounts(`${where}.counts`, counts, places.length) });
    });
    if (binned === undefined) {
      this.addKeys(decodedKeys(`${functionName}: kept`, kept), images);
      return;
    }
    const [normals] = dense(functionName, this.capacity, binned['bins'], { normals: binned['normals'] });
    this.kept = undefined;
    this.bins = normals!;
    this.defects = images;
    this.count = sumOf(normals!);
    for (const { counts } of images.values()) this.count += sumOf(counts);
  }

  private checkNames(functionName: string, names: unknown, masks: readonly Uint8Array[]): void {
    if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
      throw new TypeError(
        `${functionName}: names must be a list of strings, one for each image, but got ${valueText(names)}.`,
      );
    }
    if (names.length !== masks.length) {
      throw new RangeError(
        `${functionName}: there must be one name for each of the ${masks.length} images, but got ${names.length}.`,
      );
    }
    const defects = names.filter((_, image) => masks[image]!.includes(1));
    defects.forEach((name, k) => {
      if (defects.indexOf(name) === k) this.checkNew(functionName, name);
      else throw takenName(functionName, name);
    });
  }

  private checkNew(functionName: string, name: string): void {
    if (this.defects.has(name)) throw takenName(functionName, name);
  }

  /** Adds keys of normal pixels and of images with a defect. */
  private addKeys(normals: Int32Array, defects: ReadonlyMap<string, Steps>): void {
    this.count += normals.length;
    for (const { counts } of defects.values()) this.count += sumOf(counts);
    if (this.kept !== undefined && this.count <= this.capacity.exactUpTo) {
      this.kept.append(normals);
      defects.forEach((steps, name) => this.defects.set(name, steps));
      return;
    }
    countKeys(this.binned(), normals, this.capacity);
    defects.forEach((steps, name) => this.defects.set(name, this.inBins(steps)));
  }

  private binned(): Float64Array {
    if (this.bins !== undefined) return this.bins;
    this.bins = new Float64Array(this.capacity.bins);
    for (const block of this.kept!.blocks) countKeys(this.bins, block, this.capacity);
    this.defects = new Map([...this.defects].map(([name, steps]) => [name, this.inBins(steps)]));
    this.kept = undefined;
    return this.bins;
  }

  private inBins({ keys, counts }: Steps): Steps {
    const shift = shiftOf(this.capacity);
    const half = this.capacity.bins / 2;
    return joined(
      keys.map((key) => (key >> shift) + half),
      counts,
    );
  }

  private normalSteps(): Steps {
    if (this.bins === undefined) return stepsOfKeys(this.kept!.joined());
    const used = Int32Array.from(this.bins.keys()).filter((bin) => this.bins![bin] !== 0);
    return { keys: used, counts: Float64Array.from(used, (bin) => this.bins![bin]!) };
  }

  private sorted(): (readonly [string, Steps])[] {
    return [...this.defects].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** Distinct keys with how often each occurs; uses the array up. */
const stepsOfKeys = (keys: Int32Array): Steps => joined(keys.sort(), new Float64Array(keys.length).fill(1));

/** Ascending keys, equal ones as one. */
function joined(keys: Int32Array, counts: Float64Array): Steps {
  const [distinct, sums] = [new Int32Array(keys.length), new Float64Array(keys.length)];
  let last = -1;
  for (let i = 0; i < keys.length; i++) {
    if (last < 0 || distinct[last] !== keys[i]) distinct[++last] = keys[i]!;
    sums[last]! += counts[i]!;
  }
  return { keys: distinct.slice(0, last + 1), counts: sums.slice(0, last + 1) };
}

const takenName = (functionName: string, name: string): Error =>
  new RangeError(
    `${functionName}: there is an image with a defect named "${name}" already; ` +
      'each must have a name of its own, and come only once.',
  );

/** A parsed state, checked, as counts. */
export function restoredImages(functionName: string, given: unknown): ImageCounts {
  const { state, capacity } = checkState(functionName, given, kind);
  const { height, width } = state as unknown as ImageSize;
  const counts = new ImageCounts(checkSize(functionName, { height, width }), capacity);
  counts.restore(functionName, state);
  return counts;
}
