import { checkOptionNames, checkWhole } from '../checks/options.js';
import { valueText } from '../checks/tensors.js';

/** How much an accumulator keeps. */
export interface AccumulatorOptions {
  /**
   * Up to so many scores every one is kept, in 4 bytes, and figures are exact; beyond, they are counted in bins.
   * @default 1048576
   */
  readonly exactUpTo?: number;
  /**
   * Bins over all float32 values, a power of two from 2¹⁰ to 2²⁴. They are the same for all data: of 2ᵇ, each
   * power of two has 2ᵇ⁻⁹, so that a bin is 2⁹⁻ᵇ of its score wide.
   * @default 1048576
   */
  readonly bins?: number;
}

/** A figure, and how far it may be from that of the scores themselves. */
export interface BoundedFigure {
  /** The figure. */
  readonly value: number;
  /** The exact figure is in value ± errorBound; 0 where every score was kept. */
  readonly errorBound: number;
}

/** {@link AccumulatorOptions}, checked. */
export type Capacity = Required<AccumulatorOptions>;

export function resolveCapacity(functionName: string, options: AccumulatorOptions): Capacity {
  checkOptionNames(functionName, options, ['exactUpTo', 'bins']);
  const exactUpTo = checkWhole(`${functionName}: exactUpTo`, options.exactUpTo ?? 2 ** 20, { least: 0 });
  const bins = checkWhole(`${functionName}: bins`, options.bins ?? 2 ** 20, { least: 2 ** 10 });
  if (bins > 2 ** 24 || !Number.isInteger(Math.log2(bins))) {
    throw new RangeError(
      `${functionName}: bins must be a power of two from 1024 to 16777216, but got ${bins}.`,
    );
  }
  return { exactUpTo, bins };
}

/** Two accumulators that are merged must keep the same: the figure would depend on the order otherwise. */
export function checkSameCapacity(functionName: string, own: Capacity, other: Capacity): void {
  for (const name of ['exactUpTo', 'bins'] as const) {
    if (own[name] === other[name]) continue;
    throw new RangeError(
      `${functionName}: both accumulators must have the same ${name}, but got ${own[name]} and ${other[name]}.`,
    );
  }
}

/** How far a key is shifted to become its bin, counted from −bins / 2. */
export const shiftOf = ({ bins }: Capacity): number => 32 - Math.log2(bins);

/** Whole numbers that are appended in blocks. */
export class KeyList {
  declare readonly blocks: Int32Array[];

  constructor() {
    this.blocks = [];
  }

  append(block: Int32Array): void {
    if (block.length > 0) this.blocks.push(block);
  }

  /** All of them in one new array. */
  joined(): Int32Array {
    const all = new Int32Array(this.blocks.reduce((length, block) => length + block.length, 0));
    let end = 0;
    for (const block of this.blocks) {
      all.set(block, end);
      end += block.length;
    }
    return all;
  }
}

/** Counts keys in their bins. */
export function countKeys(column: Float64Array, keys: Int32Array, capacity: Capacity): void {
  const shift = shiftOf(capacity);
  const half = capacity.bins / 2;
  for (let i = 0; i < keys.length; i++) column[(keys[i]! >> shift) + half]!++;
}

export const sumOf = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);

/** For `merge`, which was given something else. */
export const notAnAccumulator = (name: string, other: unknown): Error =>
  new TypeError(
    `${name}.merge: other must be another ${name}; bring what toJSON gave back with ${name}FromJSON, ` +
      `but got ${valueText(other)}.`,
  );

/** Numbers as text: little-endian, as every platform that runs JavaScript today has them, in base64. */
export function encoded(values: Int32Array | Float64Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 8192) {
    parts.push(String.fromCharCode(...bytes.subarray(i, i + 8192)));
  }
  return btoa(parts.join(''));
}

function bytesOf(where: string, text: unknown, bytesEach: number): ArrayBuffer {
  const wrong = `${where} must be numbers of ${bytesEach} bytes in base64, as toJSON gives them`;
  if (typeof text !== 'string') throw new TypeError(`${wrong}, but got ${valueText(text)}.`);
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new RangeError(`${wrong}, but it is no base64.`);
  }
  if (binary.length % bytesEach !== 0) throw new RangeError(`${wrong}, but it has ${binary.length} bytes.`);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes.buffer;
}

export const decodedKeys = (where: string, text: unknown): Int32Array =>
  new Int32Array(bytesOf(where, text, 4));

/** Counts of bins: whole numbers ≥ 0. */
export function decodedCounts(where: string, text: unknown, length: number): Float64Array {
  const counts = new Float64Array(bytesOf(where, text, 8));
  if (counts.length !== length || !counts.every((count) => Number.isInteger(count) && count >= 0)) {
    throw new RangeError(`${where} must be ${length} whole numbers ≥ 0, one for each bin that is not empty.`);
  }
  return counts;
}

/** Only the bins that hold something, which are few of the many. */
export function sparse(columns: readonly Float64Array[]): {
  readonly bins: string;
  readonly columns: readonly string[];
} {
  const used: number[] = [];
  const [first] = columns;
  for (let bin = 0; bin < (first?.length ?? 0); bin++) {
    if (columns.some((column) => column[bin] !== 0)) used.push(bin);
  }
  return {
    bins: encoded(Int32Array.from(used)),
    columns: columns.map((column) => encoded(Float64Array.from(used, (bin) => column[bin]!))),
  };
}

/** The way back: columns of all bins. */
export function dense(
  functionName: string,
  { bins }: Capacity,
  bin: unknown,
  columns: Readonly<Record<string, unknown>>,
): Float64Array[] {
  const used = decodedKeys(`${functionName}: binned.bins`, bin);
  if (!used.every((place, i) => place >= 0 && place < bins && (i === 0 || place > used[i - 1]!))) {
    throw new RangeError(`${functionName}: binned.bins must be ascending numbers below ${bins}.`);
  }
  return Object.entries(columns).map(([name, text]) => {
    const counts = decodedCounts(`${functionName}: binned.${name}`, text, used.length);
    const column = new Float64Array(bins);
    used.forEach((place, i) => (column[place] = counts[i]!));
    return column;
  });
}

/** The object that toJSON gave, of this kind, and how much such an accumulator keeps. */
export function checkState(
  functionName: string,
  state: unknown,
  kind: string,
): { readonly state: Readonly<Record<string, unknown>>; readonly capacity: Capacity } {
  if (typeof state !== 'object' || state === null || (state as { kind?: unknown }).kind !== kind) {
    const found = typeof state === 'object' && state !== null ? (state as { kind?: unknown }).kind : state;
    throw new TypeError(
      `${functionName}: state must be what toJSON of such an accumulator gave, of kind '${kind}', parsed with ` +
        `JSON.parse, but got ${valueText(found)}.`,
    );
  }
  const { exactUpTo, bins } = state as AccumulatorOptions;
  const capacity = resolveCapacity(functionName, { exactUpTo, bins } as AccumulatorOptions);
  return { state: state as Readonly<Record<string, unknown>>, capacity };
}
