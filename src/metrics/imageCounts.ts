import { checkMapsAndMasks, checkSize } from '../checks/arrays.js';
import type { ImageSize, Masks, ScoreMaps } from '../checks/arrays.js';
import { describeValue } from '../checks/describe.js';
import { checkArguments, checkOneArgument, checkOptionNames } from '../checks/options.js';
import { alike, joined } from '../ranking/keys.js';
import type { RankedScores } from '../ranking/keys.js';
import { splitScores } from '../ranking/scoreSteps.js';
import { walkDown } from '../ranking/walk.js';
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
} from './accumulatorJSON.js';
import type { Fields, State } from './accumulatorJSON.js';
import { checkBounds, checkEnoughImages } from './imageOverlap.js';
import { logarithmicOverlap } from './logarithmicOverlap.js';
import type { NamedAuPimo } from './namedAuPimo.js';
import { addCounts, binsOf, countScores, lengthOf, sumOf, usedBins } from './scoreBins.js';
import { Tally, append } from './tally.js';
import type { Capacity, Gathering } from './tally.js';

const kind = 'ssim-ae images';

/** How many pixels there are at each score or in each bin, ascending. */
interface Steps<Keys extends RankedScores = RankedScores> {
  readonly keys: Keys;
  readonly counts: Float64Array;
}

interface Kept {
  readonly normals: RankedScores[];
  /** The defective pixels of each image with a defect. */
  readonly defects: Map<string, readonly RankedScores[]>;
}

interface Binned {
  readonly normals: Float64Array;
  readonly defects: Map<string, Steps<Int32Array>>;
}

/** Pixels in lists, or how many of normal images there are in each bin, and of each defect in those that it uses. */
const gathering: Gathering<Kept, Binned> = {
  noneKept: () => ({ normals: [], defects: new Map() }),
  noneBinned: (bins) => ({ normals: new Float64Array(bins), defects: new Map() }),
  countOf: ({ normals, defects }) =>
    [normals, ...defects.values()].reduce((sum, lists) => sum + lengthOf(lists), 0),
  keep: (kept, part) => {
    append(kept.normals, part.normals);
    part.defects.forEach((lists, name) => kept.defects.set(name, lists));
  },
  bin: (binned, part, bins) => {
    countScores(binned.normals, part.normals);
    part.defects.forEach((lists, name) => binned.defects.set(name, distinct(binsOf(joined(lists), bins))));
  },
  sum: (binned, other) => {
    addCounts(binned.normals, other.normals);
    other.defects.forEach((steps, name) => binned.defects.set(name, steps));
  },
};

/** Pixels of normal images and of each defect. */
export class ImageCounts {
  declare private readonly tally: Tally<Kept, Binned>;
  /** That of all images, known from the first of them on. */
  declare private size: ImageSize | undefined;

  constructor(tally: Tally<Kept, Binned>, size?: ImageSize) {
    this.tally = tally;
    this.size = size;
  }

  static ofNone(capacity: Capacity): ImageCounts {
    return new ImageCounts(new Tally(gathering, capacity));
  }

  get count(): number {
    return this.tally.count;
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
      this.tally.add(
        area === 0
          ? { normals: [negatives], defects: new Map() }
          : { normals: [], defects: new Map([[names[image]!, [positives]]]) },
      );
    });
  }

  merge(given: unknown): void {
    checkOneArgument('pimoAccumulator.merge', arguments);
    const name = 'pimoAccumulator.merge';
    const other =
      given instanceof ImageCounts
        ? given
        : restoredImages(name, stateOfOther('pimoAccumulator', given, kind));
    checkSameSize(`${name}: the images of both accumulators`, this.size, other.size);
    for (const defect of this.defects.keys()) {
      if (other.defects.has(defect)) throw takenName(name, defect);
    }
    this.tally.merge(name, other.tally);
    this.size ??= other.size;
  }

  auPimo(options: { readonly falsePositiveRates?: readonly [number, number] } = {}): NamedAuPimo {
    checkOneArgument('pimoAccumulator.auPimo', arguments);
    const name = 'pimoAccumulator.auPimo';
    checkOptionNames(name, options, ['falsePositiveRates']);
    const bounds = checkBounds(name, options.falsePositiveRates ?? [1e-5, 1e-4]);
    this.tally.checkFilled(name);
    const { normal, names, defects } = this.steps();
    const normals = sumOf(normal.counts);
    checkEnoughImages(name, { normals, defects: names.length, bounds });
    const figures = defects.map(({ keys, counts }) =>
      logarithmicOverlap({ bounds, normals, area: sumOf(counts) }, (step) => {
        let [p, n] = [keys.length, normal.keys.length];
        walkDown(keys, normal.keys, (ofDefect, ofNormal) =>
          step(ofDefect > 0 ? counts[--p]! : 0, ofNormal > 0 ? normal.counts[--n]! : 0),
        );
      }),
    );
    return {
      names,
      scores: Float64Array.from(figures, ({ value }) => value),
      errorBounds: Float64Array.from(figures, ({ errorBound }) => (this.tally.isExact ? 0 : errorBound)),
    };
  }

  toJSON(): Fields {
    const { capacity, count } = this.tally;
    const contents = this.tally.read<Fields>(
      ({ normals, defects }) => ({
        kept: {
          normals: encodedScores(byType(normals)),
          defects: inOrder(defects).map(([name, lists]) => ({ name, scores: encodedScores(byType(lists)) })),
        },
      }),
      ({ normals, defects }) => ({
        binned: {
          ...sparse({ normals }),
          defects: inOrder(defects).map(([name, { keys, counts }]) => ({
            name,
            bins: encoded(keys),
            counts: encoded(counts),
          })),
        },
      }),
    );
    return sealed(kind, { ...capacity, ...this.size, count, ...contents });
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
    return this.tally.read<ReadonlyMap<string, unknown>>(
      ({ defects }) => defects,
      ({ defects }) => defects,
    );
  }

  /** Of the normal images, and of each defect in the order of the names. */
  private steps(): {
    readonly normal: Steps;
    readonly names: readonly string[];
    readonly defects: readonly Steps[];
  } {
    return this.tally.read(
      (kept) => {
        const named = inOrder(kept.defects);
        const lists = [kept.normals, ...named.map(([, of]) => of)];
        const [normal, ...defects] = alike(lists.map((list) => joined(list))).map(distinct) as [
          Steps,
          ...Steps[],
        ];
        return { normal, names: named.map(([name]) => name), defects };
      },
      ({ normals, defects }) => {
        const named = inOrder(defects);
        const keys = usedBins([normals]);
        const normal = { keys, counts: Float64Array.from(keys, (bin) => normals[bin]!) };
        return { normal, names: named.map(([name]) => name), defects: named.map(([, steps]) => steps) };
      },
    );
  }
}

/** Entries in the order of the UTF-16 units of their names. */
const inOrder = <Value>(defects: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] =>
  [...defects].sort(([a], [b]) => (a < b ? -1 : 1));

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

/** A parsed state, checked. */
export function restoredImages(functionName: string, given: unknown): ImageCounts {
  const state = checkState(functionName, given, kind);
  const { count, contents } = state;
  const { height, width } = state.fields;
  // Before the first image there is no size, but earlier states have one even then.
  const isWithout = count === 0 && height === undefined && width === undefined;
  const size = isWithout ? undefined : checkSize(functionName, { height, width } as ImageSize);
  const pixels = size === undefined ? 1 : size.height * size.width;
  const tally =
    'kept' in contents
      ? tallyOfKept(state, contents.kept, pixels)
      : tallyOfBinned(state, contents.binned, pixels);
  const restored = new ImageCounts(tally, size);
  checkRestored(state, restored);
  return restored;
}

function tallyOfKept({ functionName, capacity }: State, kept: Fields, pixels: number): Tally<Kept, Binned> {
  const part = gathering.noneKept();
  const scoresOf = (where: string, given: unknown, areWhole: boolean): RankedScores[] => {
    const { float32, float64 } = decodedScores(where, given);
    checkPixels(where, float32.length + float64.length, pixels, areWhole);
    return [float32, float64];
  };
  append(part.normals, scoresOf(`${functionName}: kept.normals`, kept['normals'], true));
  for (const { where, name, fields } of decodedDefects(`${functionName}: kept`, kept)) {
    part.defects.set(name, scoresOf(`${where}.scores`, fields['scores'], false));
  }
  const tally = new Tally(gathering, capacity);
  tally.add(part);
  return tally;
}

function tallyOfBinned(state: State, binned: Fields, pixels: number): Tally<Kept, Binned> {
  const { functionName, capacity } = state;
  const { normals } = dense(state, binned, ['normals']);
  let count = sumOf(normals);
  checkPixels(`${functionName}: binned.normals`, count, pixels, true);
  const defects = new Map<string, Steps<Int32Array>>();
  for (const { where, name, fields } of decodedDefects(`${functionName}: binned`, binned)) {
    const keys = decodedBins(`${where}.bins`, fields['bins'], capacity);
    const counts = decodedCounts(`${where}.counts`, fields['counts'], keys.length);
    const area = sumOf(counts);
    checkPixels(`${where}.counts`, area, pixels, false);
    defects.set(name, { keys, counts });
    count += area;
  }
  return new Tally(gathering, capacity, { binned: { normals, defects } }, count);
}
