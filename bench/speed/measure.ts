import { collectGarbage } from './garbage.js';
import { modes } from './rows/row.js';
import type { Mode, Prepared, Row } from './rows/row.js';
import { pixelsOf } from './rows/shapes.js';
import type { Workload } from './rows/workload.js';
import { quantile, timingOf } from './statistics.js';
import type { Timing } from './statistics.js';

export interface Plan {
  /** Seconds that are spent on one row and mode; fewer runs for slow ones. */
  readonly seconds: number;
  /** At most so many measurements of each. */
  readonly runs: number;
  /** A call that takes, or by smaller images should take, more seconds than this is left out. */
  readonly limit: number;
}

/** A timing, or why there is none. */
export type Cell = Timing | { readonly skipped: string };

export const medianOf = (cell: Cell | undefined): number | undefined =>
  cell !== undefined && 'median' in cell ? cell.median : undefined;

export interface RowResult {
  readonly id: string;
  readonly label: string;
  readonly ssim?: number;
  readonly value?: Cell;
  readonly gradient?: Cell;
}

/** Milliseconds a pixel of earlier, smaller workloads, to leave out what would take too long. */
export type Experience = Map<string, number>;

export const tooSlow = 'too slow';
const leastMilliseconds = 5;
const tolerance = 1e-4;

interface Entry {
  readonly row: Row;
  readonly mode: Mode;
  readonly prepared: Prepared;
  repeats: number;
  runs: number;
  readonly samples: number[];
}

/**
 * Times all rows on one workload: first they must agree, then each is warmed up, then they take turns, in
 * another order each round.
 */
export async function measure(
  rows: readonly Row[],
  workload: Workload,
  plan: Plan,
  experience: Experience,
  progress: (text: string) => void = () => undefined,
): Promise<RowResult[]> {
  const pixels = pixelsOf(workload.shape);
  const limit = plan.limit * 1000;
  const results = new Map<string, { -readonly [key in keyof RowResult]: RowResult[key] }>();
  const entries: Entry[] = [];
  const checked: Checked[] = [];

  for (const row of rows) {
    const result: { -readonly [key in keyof RowResult]: RowResult[key] } = { id: row.id, label: row.label };
    results.set(row.id, result);
    if (row.missing !== undefined) {
      result.value = { skipped: row.missing };
      continue;
    }
    let prepared: Prepared | undefined;
    for (const mode of row.modes(workload.shape)) {
      if (pixels > (row.most?.[mode] ?? Infinity)) {
        result[mode] = { skipped: 'out of memory' };
        continue;
      }
      const key = `${row.id} ${mode}`;
      const expected = (experience.get(key) ?? 0) * pixels;
      if (expected > limit) {
        result[mode] = { skipped: tooSlow };
        continue;
      }
      progress(`${row.label}, ${mode}`);
      try {
        prepared ??= await row.prepare(workload);
        if (prepared === undefined) {
          result[mode] = { skipped: 'not available' };
          continue;
        }
        const start = performance.now();
        const number = await prepared.check(mode);
        const first = performance.now() - start;
        if (mode === 'value' && number !== undefined) result.ssim = number;
        if (row.exact && number !== undefined) checked.push({ id: row.id, mode, number });
        const entry: Entry = { row, mode, prepared, repeats: 1, runs: 0, samples: [] };
        const milliseconds = await warmUp(entry, first, plan);
        experience.set(key, milliseconds / pixels);
        if (milliseconds > limit) result[mode] = { skipped: tooSlow };
        else entries.push(entry);
      } catch (error) {
        result[mode] = failure(error);
      }
    }
  }
  for (const { id, mode, reason } of disagreeing(checked)) {
    results.get(id)![mode] = { skipped: reason };
    const wrong = entries.findIndex((entry) => entry.row.id === id && entry.mode === mode);
    if (wrong >= 0) entries.splice(wrong, 1);
  }

  const rounds = Math.max(0, ...entries.map(({ runs }) => runs));
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    for (let k = 0; k < entries.length; k++) {
      // 7 and most numbers of rows share no divisor: another order each round.
      const entry = entries[(k * (round % 2 === 0 ? 1 : entries.length - 1) + 7 * round) % entries.length]!;
      const due = Math.floor(((round + 1) * entry.runs) / rounds) > Math.floor((round * entry.runs) / rounds);
      if (!due) continue;
      collectGarbage('minor'); // none pays for the garbage of the one before
      const { row, mode, repeats, prepared } = entry;
      try {
        entry.samples.push((await prepared.run(mode, repeats)) / repeats);
      } catch (error) {
        results.get(row.id)![mode] = failure(error);
        entry.runs = 0;
      }
    }
  }
  for (const { row, mode, samples, repeats, runs } of entries) {
    if (runs > 0) results.get(row.id)![mode] = timingOf(samples, repeats);
  }
  return [...results.values()];
}

const failure = (error: unknown): Cell => ({
  skipped: `failed: ${String(error instanceof Error ? error.message : error).slice(0, 120)}`,
});

/** Runs an entry until it is warm, and sets how often to run it; gives the milliseconds of a call. */
async function warmUp(entry: Entry, first: number, plan: Plan): Promise<number> {
  const budget = plan.seconds * 1000;
  let fastest = first;
  for (let spent = first, calls = 1; calls < 4 || (calls < 50 && spent < budget / 10); calls++) {
    if (spent > budget) break;
    const milliseconds = await entry.prepared.run(entry.mode, 1);
    spent += milliseconds;
    fastest = Math.min(fastest, milliseconds);
  }
  entry.repeats = Math.max(1, Math.ceil(leastMilliseconds / fastest));
  const affordable = Math.floor(budget / (fastest * entry.repeats));
  const least = fastest > 2 * budget ? 1 : 3;
  entry.runs = Math.max(least, Math.min(plan.runs, affordable));
  return fastest;
}

interface Checked {
  readonly id: string;
  readonly mode: Mode;
  readonly number: number;
}

/** Of the rows that claim to compute the same, those that do not give what most give, and what is wrong. */
export function disagreeing(checked: readonly Checked[]): { id: string; mode: Mode; reason: string }[] {
  return modes.flatMap((mode) => {
    const rows = checked.filter((row) => row.mode === mode);
    const expected = quantile(
      rows.map(({ number }) => number).filter((number) => !Number.isNaN(number)),
      0.5,
    );
    const scale = mode === 'value' ? 1 : Math.abs(expected);
    return rows
      .filter(({ number }) => !(Math.abs(number - expected) <= tolerance * scale))
      .map(({ id, number }) => ({ id, mode, reason: `wrong: gives ${number}, most give ${expected}` }));
  });
}
