import type { Workload } from './images.js';
import { packageRows } from './jsPeers.js';
import { modes } from './row.js';
import type { Prepared, Row } from './row.js';
import { compositionRows, libraryRows } from './tfjsRows.js';

/**
 * HOOK: the fused kernel on plain memory, without tfjs around it. Undefined while nothing exposes it.
 */
export const rawKernel: (workload: Workload) => Prepared | undefined = () => undefined;

const rawRow: Row = {
  id: 'raw',
  label: 'ssim-ae, the kernel alone',
  note: 'without tfjs, images already in its memory',
  exact: true,
  modes: () => modes,
  prepare: (workload) => Promise.resolve(rawKernel(workload)),
};

/** The rows that run in this process. */
export const ownRows: readonly Row[] = [...libraryRows, rawRow, ...compositionRows, ...packageRows];

/** Of `rows`, those whose id begins with one of the names. */
export function rowsNamed(rows: readonly Row[], names: readonly string[] | undefined): readonly Row[] {
  if (names === undefined) return rows;
  for (const name of names) {
    if (!rows.some(({ id }) => id.startsWith(name))) {
      throw new RangeError(
        `--only: no row begins with '${name}'; there are ${rows.map(({ id }) => id).join(', ')}.`,
      );
    }
  }
  return rows.filter(({ id }) => names.some((name) => id.startsWith(name)));
}
