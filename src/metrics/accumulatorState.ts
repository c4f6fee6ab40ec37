import { describeValue } from '../checks/describe.js';
import { checkWhole } from '../checks/options.js';
import { isArrayOf } from '../checks/typedArrays.js';
import { keysOf } from '../ranking/keys.js';
import type { RankedScores } from '../ranking/keys.js';
import { binRange, checkCapacity, highestKey, lowestKey } from './accumulation.js';
import type { Capacity } from './accumulation.js';

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
  /** One of them: every score, or the counts of bins. */
  readonly kept: Fields | undefined;
  readonly binned: Fields | undefined;
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
  const [part, other] = count > capacity.exactUpTo ? ['binned', 'kept'] : ['kept', 'binned'];
  const why = `with a count of ${count} and exactUpTo ${capacity.exactUpTo}`;
  if (!isFields(given[part])) {
    throw new TypeError(
      `${functionName}: ${part} must be an object ${why}, but got ${describeValue(given[part])}.`,
    );
  }
  if (given[other] !== undefined) {
    throw new RangeError(`${functionName}: there must be ${part} and no ${other} ${why}.`);
  }
  const parts = { kept: undefined, binned: undefined, [part]: given[part] };
  return { functionName, fields: given, capacity, ...parts };
}

export const isFields = (value: unknown): value is Fields =>
  Object.prototype.toString.call(value) === '[object Object]';

/** What was restored must be what the state says in sum, and nothing in it may have been altered. */
export function checkRestored(
  { functionName, fields }: State,
  restored: { readonly count: number; readonly toJSON: () => Fields },
): void {
  if (restored.count !== fields['count']) {
    throw new RangeError(
      `${functionName}: count is ${describeValue(fields['count'])}, but what the state holds adds up to ${restored.count}.`,
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
export function byType(blocks: readonly RankedScores[]): ScoresByType {
  const keys: Int32Array[] = [];
  const others: Float64Array[] = [];
  for (const block of blocks) {
    if (isArrayOf('Int32Array', block)) keys.push(block);
    else {
      keys.push(keysOf(new Float32Array(block.filter(isFloat32))));
      others.push(block.filter((score) => !isFloat32(score)));
    }
  }
  const lengthOf = (parts: readonly RankedScores[]): number =>
    parts.reduce((sum, part) => sum + part.length, 0);
  const result = { float32: new Int32Array(lengthOf(keys)), float64: new Float64Array(lengthOf(others)) };
  let [end32, end64] = [0, 0];
  for (const part of keys) result.float32.set(part, (end32 += part.length) - part.length);
  for (const part of others) result.float64.set(part, (end64 += part.length) - part.length);
  result.float32.sort();
  result.float64.sort();
  return result;
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
export function decodedBins(where: string, text: unknown, capacity: Capacity): Int32Array {
  const bins = decodedWhole(where, text);
  const [first, last] = binRange(capacity);
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
  { functionName, capacity, binned }: State,
  columns: readonly string[],
): readonly Float64Array[] {
  const used = decodedBins(`${functionName}: binned.bins`, binned!['bins'], capacity);
  return columns.map((name) => {
    const counts = decodedCounts(`${functionName}: binned.${name}`, binned![name], used.length);
    const column = new Float64Array(capacity.bins);
    used.forEach((place, i) => (column[place] = counts[i]!));
    return column;
  });
}
