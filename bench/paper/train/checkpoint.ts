import { earlier, writeWhole } from '../../running/outFolder.js';
import type { Owner } from '../../running/outFolder.js';

/** Where a training stands: enough to go on as if it had never stopped. */
export interface Checkpoint {
  /** What was trained, and on what; another fingerprint is another training. */
  readonly fingerprint: string;
  readonly step: number;
  /** The loss of every step so far. */
  readonly losses: readonly number[];
  /** Seconds of training so far. */
  readonly seconds: number;
  readonly state: readonly Float32Array[];
}

interface Header extends Omit<Checkpoint, 'state'> {
  readonly lengths: readonly number[];
}

/** A line of JSON, then numbers. Written beside its place and moved there: a run that is killed leaves the last one whole. */
export function writeCheckpoint(file: string, { state, ...rest }: Checkpoint): void {
  const header: Header = { ...rest, lengths: state.map(({ length }) => length) };
  const line = Buffer.from(`${JSON.stringify(header)}\n`);
  const numbers = state.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  writeWhole(file, Buffer.concat([line, ...numbers]));
}

/** Undefined where there is none, or what is there is none of this training. */
export function readCheckpoint(file: string, fingerprint: string): Checkpoint | undefined {
  const found = headerOf(file);
  if (typeof found !== 'object' || found.header.fingerprint !== fingerprint) return undefined;
  const { header, numbers } = found;
  const { lengths, ...rest } = header;
  let from = 0;
  const state = lengths.map((length) => {
    const values = new Float32Array(length);
    new Uint8Array(values.buffer).set(numbers.subarray(from, from + 4 * length));
    from += 4 * length;
    return values;
  });
  return { ...rest, state };
}

/** A checkpoint that is damaged is of no use to anybody. */
export function ownerOfCheckpoint(file: string, fingerprint: string): Owner {
  const found = headerOf(file);
  if (found === 'damaged') return 'nobody';
  return found !== 'unreadable' && found.header.fingerprint === fingerprint ? 'mine' : 'other';
}

function headerOf(file: string): { header: Header; numbers: Buffer } | 'damaged' | 'unreadable' {
  const bytes = earlier(file);
  if (bytes === undefined) return 'unreadable';
  const end = bytes.indexOf(10);
  try {
    const header: unknown = JSON.parse(bytes.toString('utf8', 0, end === -1 ? bytes.length : end));
    const numbers = bytes.subarray(end === -1 ? bytes.length : end + 1);
    return isHeader(header) && 4 * total(header.lengths) === numbers.length ? { header, numbers } : 'damaged';
  } catch {
    return 'damaged';
  }
}

const total = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length, 0);

function isHeader(given: unknown): given is Header {
  if (typeof given !== 'object' || given === null) return false;
  const { fingerprint, step, losses, seconds, lengths } = given as Partial<Record<keyof Header, unknown>>;
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
  return (
    typeof fingerprint === 'string' &&
    isCount(step) &&
    Number.isFinite(seconds) &&
    Array.isArray(losses) &&
    losses.every(Number.isFinite) &&
    Array.isArray(lengths) &&
    lengths.every(isCount)
  );
}
