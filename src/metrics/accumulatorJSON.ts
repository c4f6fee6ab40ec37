// Accumulators as JSON: how their states are written, and checked when they are read.

import { describeValue } from '../checks/describe.js';
import { checkWhole } from '../checks/options.js';
import { isArrayOf } from '../checks/typedArrays.js';
import { joined, keysOf } from '../ranking/keys.js';
import type { RankedScores } from '../ranking/keys.js';
import { sortKeys } from '../ranking/radixSort.js';
import { binRange, highestKey, lowestKey, usedBins } from './scoreBins.js';
import { checkCapacity } from './tally.js';
import type { Capacity, Contents } from './tally.js';

/** What toJSON of an accumulator gives. */
export type Fields = Readonly<Record<string, unknown>>;

/** Raised when a state is written in another way, so that no release reads another's by mistake. */
const version = 1;

/** A state, with a checksum of all that it says, in this order. */
export function sealed(kind: string, content: Fields): Fields {
  const state = { kind, version, ...content };
  return { ...state, checksum: checksumOf(JSON.stringify(state)) };
}

/** FNV-1a over UTF-16 units. */
function checksumOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** A parsed state of one kind: what all of them have is checked. */
export interface State {
  /** The public function that it was given to. */
  readonly functionName: string;
  readonly fields: Fields;
  readonly capacity: Capacity;
  readonly count: number;
  readonly contents: Contents<Fields, Fields>;
}

export function checkState(functionName: string, given: unknown, kind: string): State {
  const wrong = `${functionName}: state must be what toJSON gave, parsed, but got`;
  if (typeof given === 'string') throw new TypeError(`${wrong} text; parse it with JSON.parse.`);
  if (!isFields(given)) throw new TypeError(`${wrong} ${describeValue(given)}.`);
  if (given['kind'] !== kind) {
    throw new TypeError(
      `${functionName}: kind must be '${kind}', that of what toJSON of such an accumulator gave, ` +
        `but got ${describeValue(given['kind'])}.`,
    );
  }
  if (given['version'] !== version) {
    throw new RangeError(
      `${functionName}: version must be ${version}, the version that this release of ssim-ae reads and writes, ` +
        `but got ${describeValue(given['version'])}.`,
    );
  }
  const capacity = checkCapacity(functionName, given['exactUpTo'], given['bins']);
  const count = checkWhole(`${functionName}: count`, given['count'], { least: 0 });
  const isBinned = count > capacity.exactUpTo;
  const [part, other] = isBinned ? ['binned', 'kept'] : ['kept', 'binned'];
  const why = `with a count of ${count} and exactUpTo ${capacity.exactUpTo}`;
  const content = given[part];
  if (!isFields(content)) {
    throw new TypeError(
      `${functionName}: ${part} must be an object ${why}, but got ${describeValue(content)}.`,
    );
  }
  if (given[other] !== undefined) {
    throw new RangeError(`${functionName}: there must be ${part} and no ${other} ${why}.`);
  }
  const contents = isBinned ? { binned: content } : { kept: content };
  return { functionName, fields: given, capacity, count, contents };
}

export const isFields = (value: unknown): value is Fields =>
  Object.prototype.toString.call(value) === '[object Object]';

/** What was restored must be what the state says in sum, and nothing in it may have been altered. */
export function checkRestored(
  { functionName, fields, count }: State,
  restored: { readonly count: number; readonly toJSON: () => Fields },
): void {
  if (restored.count !== count) {
    throw new RangeError(
      `${functionName}: count is ${count}, but what the state holds adds up to ${restored.count}.`,
    );
  }
  const { checksum } = restored.toJSON();
  if (fields['checksum'] !== checksum) {
    throw new RangeError(
      `${functionName}: checksum must be ${describeValue(checksum)} for what the state holds, but got ` +
        `${describeValue(fields['checksum'])}: it was altered or damaged after toJSON gave it.`,
    );
  }
}

/** What `merge` was given: a state if it is an accumulator of this kind from another copy of this library. */
export function stateOfOther(name: string, other: unknown, kind: string): unknown {
  const { toJSON } = (other ?? {}) as { readonly toJSON?: unknown };
  const state: unknown = typeof toJSON === 'function' ? toJSON.call(other) : undefined;
  if (isFields(state) && state['kind'] === kind) return state;
  throw new TypeError(
    `${name}.merge: other must be another ${name}; bring what toJSON gave back with ${name}FromJSON, ` +
      `but got ${describeValue(other)}.`,
  );
}

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
  if (typeof text !== 'string') throw new TypeError(`${wrong}, but got ${describeValue(text)}.`);
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new RangeError(`${wrong}, but it is not base64.`);
  }
  if (binary.length % bytesEach !== 0) throw new RangeError(`${wrong}, but it has ${binary.length} bytes.`);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes.buffer;
}

/** Whole numbers of 32 bits. */
export const decodedWhole = (where: string, text: unknown): Int32Array =>
  new Int32Array(bytesOf(where, text, 4));

/** Scores by the type that holds them, each ascending. */
export interface ScoresByType {
  /** Keys of those that float32 holds. */
  readonly float32: Int32Array;
  readonly float64: Float64Array;
}

/** The same for the same scores, whatever they came with. */
export function byType(lists: readonly RankedScores[]): ScoresByType {
  const all = joined(lists);
  if (isArrayOf('Int32Array', all)) return { float32: sortKeys(all), float64: new Float64Array(0) };
  return {
    float32: sortKeys(keysOf(new Float32Array(all.filter(isFloat32)))),
    float64: all.filter((score) => !isFloat32(score)).sort(),
  };
}

/** Whether float32 holds it. */
export const isFloat32 = (score: number): boolean => Math.fround(score) === score;

export const encodedScores = ({ float32, float64 }: ScoresByType): Fields => ({
  float32: encoded(float32),
  float64: encoded(float64),
});

/** The way back, to finite scores in ascending order. */
export function decodedScores(where: string, given: unknown): ScoresByType {
  if (!isFields(given)) throw new TypeError(`${where} must be an object, but got ${describeValue(given)}.`);
  const float32 = decodedWhole(`${where}.float32`, given['float32']);
  const float64 = new Float64Array(bytesOf(`${where}.float64`, given['float64'], 8));
  const noKey = float32.findIndex((key) => key < lowestKey || key > highestKey || key === -1);
  if (noKey >= 0)
    throw new RangeError(`${where}.float32[${noKey}] is not the key of a finite float32 score.`);
  const noScore = float64.findIndex((score) => !Number.isFinite(score) || isFloat32(score));
  if (noScore >= 0) {
    const found = float64[noScore]!;
    const what = Number.isFinite(found) ? 'that float32 does not hold' : 'that is finite';
    throw new RangeError(`${where}.float64[${noScore}] must be a score ${what}, but got ${found}.`);
  }
  checkAscending(`${where}.float32`, float32);
  checkAscending(`${where}.float64`, float64);
  return { float32, float64 };
}

function checkAscending(where: string, values: RankedScores): void {
  for (let i = 1; i < values.length; i++) {
    if (values[i]! < values[i - 1]!) {
      throw new RangeError(`${where} must ascend, but its number ${i} is below the one before.`);
    }
  }
}

/** Bins that hold something, ascending, and each once. */
export function decodedBins(where: string, text: unknown, { bins: count }: Capacity): Int32Array {
  const bins = decodedWhole(where, text);
  const [first, last] = binRange(count);
  if (!bins.every((bin, i) => bin >= first && bin <= last && (i === 0 || bin > bins[i - 1]!))) {
    throw new RangeError(
      `${where} must be ascending numbers from ${first} to ${last}, the bins of finite scores.`,
    );
  }
  return bins;
}

/** Counts of bins: whole numbers ≥ 0. */
export function decodedCounts(where: string, text: unknown, length: number): Float64Array {
  const counts = new Float64Array(bytesOf(where, text, 8));
  if (counts.length !== length || !counts.every((count) => Number.isInteger(count) && count >= 0)) {
    throw new RangeError(`${where} must be ${length} whole numbers ≥ 0, one for each of its bins.`);
  }
  return counts;
}

/** Columns of all bins, as only those bins that hold something. */
export function sparse(columns: Readonly<Record<string, Float64Array>>): Readonly<Record<string, string>> {
  const used = usedBins(Object.values(columns));
  const texts = Object.entries(columns).map(
    ([name, column]) => [name, encoded(Float64Array.from(used, (bin) => column[bin]!))] as const,
  );
  return { bins: encoded(used), ...Object.fromEntries(texts) };
}

/** The way back: columns of all bins. */
export function dense<Name extends string>(
  { functionName, capacity }: State,
  binned: Fields,
  names: readonly Name[],
): Readonly<Record<Name, Float64Array>> {
  const used = decodedBins(`${functionName}: binned.bins`, binned['bins'], capacity);
  const columns = names.map((name) => {
    const counts = decodedCounts(`${functionName}: binned.${name}`, binned[name], used.length);
    const column = new Float64Array(capacity.bins);
    used.forEach((bin, i) => (column[bin] = counts[i]!));
    return [name, column];
  });
  return Object.fromEntries(columns) as Record<Name, Float64Array>;
}
