import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

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
  writeFileSync(`${file}.new`, Buffer.concat([line, ...numbers]));
  renameSync(`${file}.new`, file);
}

/** Undefined where there is none, or what is there is none of this training. */
export function readCheckpoint(file: string, fingerprint: string): Checkpoint | undefined {
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  const end = bytes.indexOf(10);
  let header: Header;
  try {
    header = JSON.parse(bytes.toString('utf8', 0, end)) as Header;
  } catch {
    return undefined;
  }
  const { lengths, ...rest } = header;
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (header.fingerprint !== fingerprint || bytes.length !== end + 1 + 4 * total) return undefined;
  let from = end + 1;
  const state = lengths.map((length) => {
    const numbers = new Float32Array(length);
    new Uint8Array(numbers.buffer).set(bytes.subarray(from, from + 4 * length));
    from += 4 * length;
    return numbers;
  });
  return { ...rest, state };
}
