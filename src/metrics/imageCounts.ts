import { checkMapsAndMasks, checkSize } from '../checks/arrays.js';
import type { ImageSize, Masks, ScoreMaps } from '../checks/arrays.js';
import { describeValue } from '../checks/describe.js';
import { checkArguments, checkOptionNames } from '../checks/options.js';
import { alike } from '../ranking/keys.js';
import type { RankedScores } from '../ranking/keys.js';
import { splitScores } from '../ranking/scoreSteps.js';
import { ScoreList, binsOf, checkFilled, checkSameCapacity, countScores, sumOf } from './accumulation.js';
import type { Capacity } from './accumulation.js';
import {
  byType,
  checkRestored,
  checkState,
  decodedBins,
  decodedCounts,
  decodedScores,
  dense,
  encoded,
  encodedScores,
  isFields,
  sealed,
  sparse,
  stateOfOther,
} from './accumulatorState.js';
import type { Fields, State } from './accumulatorState.js';
import { walkDown } from '../ranking/walk.js';
import { checkBounds, checkEnoughImages } from './imageOverlap.js';
import { logarithmicOverlap } from './logarithmicOverlap.js';
import type { NamedAuPimo } from './namedAuPimo.js';

const kind = 'ssim-ae images';

/** How many pixels there are at each score or in each bin, ascending. */
interface Steps<Keys extends RankedScores = RankedScores> {
  readonly keys: Keys;
  readonly counts: Float64Array;
}

interface Kept {
  readonly normals: ScoreList;
  /** The defective pixels of each image with a defect. */
  readonly defects: Map<string, ScoreList>;
}

interface Bins {
  readonly normals: Float64Array;
  readonly defects: Map<string, Steps<Int32Array>>;
}

/** Pixels of normal images and of each defect, all of them while there are few, counted in bins when there are more. */
export class ImageCounts {
  /** That of all images, known from the first of them on. */
  declare private size: ImageSize | undefined;
  declare private readonly capacity: Capacity;
  declare count: number;
  declare private kept: Kept | undefined;
  declare private bins: Bins | undefined;

  constructor(capacity: Capacity, size?: ImageSize) {
    this.size = size;
    this.capacity = capacity;
    this.count = 0;
    this.kept = { normals: new ScoreList(), defects: new Map() };
  }

  add(maps: ScoreMaps, masks: Masks, names: readonly string[], options: ImageSize): void {
    checkArguments('pimoAccumulator.add', arguments, 4);
    const name = 'pimoAccumulator.add';
    const size = checkSize(name, options);
    checkSameSize(`${name}: all images`, this.size, size);
    const checked = checkMapsAndMasks(name, maps, masks, size);
    this.checkNames(name, names, checked.masks);
    this.size = size;
    checked.maps.forEach((map, image) => {
      const mask = checked.masks[image]!;
      const area = mask.reduce((sum, value) => sum + value, 0);
      const { positives, negatives } = splitScores(map, mask, area);
      if (area === 0) this.addNormals([negatives]);
      else this.addDefect(names[image]!, [positives]);
    });
  }

  merge(given: unknown): void {
    checkArguments('pimoAccumulator.merge', arguments, 1);
    const name = 'pimoAccumulator.merge';
    const other =
      given instanceof ImageCounts
        ? given
        : restoredImages(name, stateOfOther('pimoAccumulator', given, kind));
    checkSameSize(`${name}: the images of both accumulators`, this.size, other.size);
    checkSameCapacity(name, this.capacity, other.capacity);
    for (const defect of this.defects.keys()) {
      if (other.defects.has(defect)) throw takenName(name, defect);
    }
    this.size ??= other.size;
    if (other.bins === undefined) {
      const { normals, defects } = other.kept!; // it may be this one, which stops keeping them
      this.addNormals([...normals.blocks]);
      defects.forEach((scores, defect) => this.addDefect(defect, scores.blocks));
      return;
    }
    const own = this.binned();
    other.bins.normals.forEach((count, bin) => (own.normals[bin]! += count));
    other.bins.defects.forEach((steps, defect) => own.defects.set(defect, steps));
    this.count += other.count;
  }

  auPimo(options: { readonly falsePositiveRates?: readonly [number, number] } = {}): NamedAuPimo {
    checkArguments('pimoAccumulator.auPimo', arguments, 1);
    const name = 'pimoAccumulator.auPimo';
    checkOptionNames(name, options, ['falsePositiveRates']);
    const bounds = checkBounds(name, options.falsePositiveRates ?? [1e-5, 1e-4]);
    checkFilled(name, this.count);
    const names = sortedNames(this.defects);
    const [normal, ...defects] = this.steps(names);
    const normals = sumOf(normal!.counts);
    checkEnoughImages(name, { normals, defects: names.length, bounds });
    const figures = defects.map(({ keys, counts }) =>
      logarithmicOverlap({ bounds, normals, area: sumOf(counts) }, (step) => {
        let [p, n] = [keys.length, normal!.keys.length];
        walkDown(keys, normal!.keys, (ofDefect, ofNormal) =>
          step(ofDefect > 0 ? counts[--p]! : 0, ofNormal > 0 ? normal!.counts[--n]! : 0),
        );
      }),
    );
    return {
      names,
      scores: Float64Array.from(figures, ({ value }) => value),
      errorBounds: Float64Array.from(figures, ({ errorBound }) => (this.bins === undefined ? 0 : errorBound)),
    };
  }

  toJSON(): Fields {
    const head = { ...this.capacity, ...this.size, count: this.count };
    const names = sortedNames(this.defects);
    if (this.bins !== undefined) {
      const { bins, columns } = sparse([this.bins.normals]);
      const defects = names.map((name) => {
        const { keys, counts } = this.bins!.defects.get(name)!;
        return { name, bins: encoded(keys), counts: encoded(counts) };
      });
      return sealed(kind, { ...head, binned: { bins, normals: columns[0], defects } });
    }
    const { normals, defects } = this.kept!;
    return sealed(kind, {
      ...head,
      kept: {
        normals: encodedScores(byType(normals.blocks)),
        defects: names.map((name) => ({ name, scores: encodedScores(byType(defects.get(name)!.blocks)) })),
      },
    });
  }

  /** Takes in what toJSON gave, of images with so many pixels. */
  restore(state: State, pixels: number): void {
    const { functionName, binned, kept } = state;
    const defects = decodedDefects(
      `${functionName}: ${kept === undefined ? 'binned' : 'kept'}`,
      kept ?? binned!,
    );
    if (binned !== undefined) {
      const [normals] = dense(state, ['normals']);
      this.kept = undefined;
      this.bins = { normals: normals!, defects: new Map() };
      const whole = sumOf(normals!);
      checkPixels(`${functionName}: binned.normals`, whole, pixels, true);
      this.count = whole;
      for (const { where, name, fields } of defects) {
        const keys = decodedBins(`${where}.bins`, fields['bins'], this.capacity);
        const counts = decodedCounts(`${where}.counts`, fields['counts'], keys.length);
        checkPixels(`${where}.counts`, sumOf(counts), pixels, false);
        this.bins.defects.set(name, { keys, counts });
        this.count += sumOf(counts);
      }
      return;
    }
    const normals = decodedScores(`${functionName}: kept.normals`, kept!['normals']);
    const count = normals.float32.length + normals.float64.length;
    checkPixels(`${functionName}: kept.normals`, count, pixels, true);
    this.addNormals([normals.float32, normals.float64]);
    for (const { where, name, fields } of defects) {
      const { float32, float64 } = decodedScores(`${where}.scores`, fields['scores']);
      checkPixels(`${where}.scores`, float32.length + float64.length, pixels, false);
      this.addDefect(name, [float32, float64]);
    }
  }

  private checkNames(functionName: string, names: unknown, masks: readonly Uint8Array[]): void {
    if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
      throw new TypeError(
        `${functionName}: names must be a list of strings, one for each image, but got ${describeValue(names)}.`,
      );
    }
    if (names.length !== masks.length) {
      throw new RangeError(
        `${functionName}: there must be one name for each of the ${masks.length} images, but got ${names.length}.`,
      );
    }
    const defects = names.filter((_, image) => masks[image]!.includes(1));
    defects.forEach((name, k) => {
      if (defects.indexOf(name) !== k || this.defects.has(name)) throw takenName(functionName, name);
    });
  }

  private get defects(): ReadonlyMap<string, unknown> {
    return (this.kept ?? this.bins!).defects;
  }

  private addNormals(blocks: readonly RankedScores[]): void {
    const kept = this.roomFor(blocks);
    for (const block of blocks) {
      if (kept === undefined) countScores(this.binned().normals, block, this.capacity);
      else kept.normals.append(block);
    }
  }

  private addDefect(name: string, blocks: readonly RankedScores[]): void {
    const kept = this.roomFor(blocks);
    const scores = new ScoreList();
    for (const block of blocks) scores.append(block);
    if (kept === undefined) this.binned().defects.set(name, this.inBins(scores));
    else kept.defects.set(name, scores);
  }

  /** Counts these scores; where they are kept, if that is still possible. */
  private roomFor(blocks: readonly RankedScores[]): Kept | undefined {
    for (const block of blocks) this.count += block.length;
    return this.count <= this.capacity.exactUpTo ? this.kept : undefined;
  }

  private binned(): Bins {
    if (this.bins !== undefined) return this.bins;
    const { normals, defects } = this.kept!;
    this.bins = {
      normals: new Float64Array(this.capacity.bins),
      defects: new Map([...defects].map(([name, scores]) => [name, this.inBins(scores)])),
    };
    for (const block of normals.blocks) countScores(this.bins.normals, block, this.capacity);
    this.kept = undefined;
    return this.bins;
  }

  private inBins(scores: ScoreList): Steps<Int32Array> {
    return distinct(binsOf(scores.joined(), this.capacity));
  }

  /** Of the normal images, and of these with a defect. */
  private steps(names: readonly string[]): readonly Steps[] {
    if (this.bins === undefined) {
      const { normals, defects } = this.kept!;
      const lists = [normals, ...names.map((name) => defects.get(name)!)];
      return alike(lists.map((scores) => scores.joined())).map(distinct);
    }
    const { normals, defects } = this.bins;
    const used = Int32Array.from(normals.keys()).filter((bin) => normals[bin] !== 0);
    const counts = Float64Array.from(used, (bin) => normals[bin]!);
    return [{ keys: used, counts }, ...names.map((name) => defects.get(name)!)];
  }
}

/** In the order of their UTF-16 units. */
const sortedNames = (defects: ReadonlyMap<string, unknown>): string[] => [...defects.keys()].sort();

/** Distinct keys with how often each occurs; uses the array up. */
function distinct<Keys extends RankedScores>(keys: Keys): Steps<Keys> {
  keys.sort();
  const counts = new Float64Array(keys.length);
  let last = -1;
  for (let i = 0; i < keys.length; i++) {
    if (last < 0 || keys[last] !== keys[i]) keys[++last] = keys[i]!;
    counts[last]!++;
  }
  return { keys: keys.slice(0, last + 1) as Keys, counts: counts.slice(0, last + 1) };
}

/** The list of defects in a part of a state, each by a name that no other has. */
function decodedDefects(
  part: string,
  fields: Fields,
): readonly { readonly where: string; readonly name: string; readonly fields: Fields }[] {
  const { defects } = fields;
  if (!Array.isArray(defects)) {
    throw new TypeError(`${part}.defects must be a list, but got ${describeValue(defects)}.`);
  }
  const names = new Set<string>();
  return defects.map((defect: unknown, k) => {
    const where = `${part}.defects[${k}]`;
    if (!isFields(defect))
      throw new TypeError(`${where} must be an object, but got ${describeValue(defect)}.`);
    const { name } = defect;
    if (typeof name !== 'string' || names.has(name)) {
      throw new RangeError(`${where}.name must be a name that no other has, but got ${describeValue(name)}.`);
    }
    names.add(name);
    return { where, name, fields: defect };
  });
}

/** Normal images are whole ones; a defect is at least one pixel, and no more than an image has. */
function checkPixels(where: string, count: number, pixels: number, areWhole: boolean): void {
  if (areWhole ? count % pixels === 0 : count >= 1 && count <= pixels) return;
  throw new RangeError(
    `${where} adds up to ${count} pixels, but must add up to ` +
      `${areWhole ? `whole images of ${pixels}` : `1 to ${pixels}, the pixels of an image`}.`,
  );
}

const takenName = (functionName: string, name: string): Error =>
  new RangeError(
    `${functionName}: there is an image with a defect named "${name}" already; ` +
      'each must have a name of its own, and come only once.',
  );

/** What is to be one size must be the same as before, if there was one. */
function checkSameSize(where: string, size: ImageSize | undefined, other: ImageSize | undefined): void {
  for (const side of ['height', 'width'] as const) {
    if (size === undefined || other === undefined || size[side] === other[side]) continue;
    throw new RangeError(`${where} must have the same ${side}, but got ${size[side]} and ${other[side]}.`);
  }
}

/** A parsed state, checked, as counts. */
export function restoredImages(functionName: string, given: unknown): ImageCounts {
  const state = checkState(functionName, given, kind);
  const { count, height, width } = state.fields;
  // Before the first image there is no size, but earlier states have one even then.
  const isWithout = count === 0 && height === undefined && width === undefined;
  const size = isWithout ? undefined : checkSize(functionName, { height, width } as ImageSize);
  const counts = new ImageCounts(state.capacity, size);
  counts.restore(state, size === undefined ? 1 : size.height * size.width);
  checkRestored(state, counts);
  return counts;
}
