import { InputError } from '../../running/inputError.js';
import { packageRows } from './packageRows.js';
import { rawRow } from './rawRow.js';
import type { Row } from './row.js';
import { compositionRows, libraryRows } from './tfjsRows.js';

/** The rows that run in this process. */
export const ownRows: readonly Row[] = [...libraryRows, rawRow, ...compositionRows, ...packageRows];

/** Of `rows`, those whose id begins with one of the names. */
export function rowsNamed(rows: readonly Row[], names: readonly string[] | undefined): readonly Row[] {
  if (names === undefined) return rows;
  for (const name of names) {
    if (!rows.some(({ id }) => id.startsWith(name))) {
      throw new InputError(
        `--only: no row begins with '${name}'; there are ${rows.map(({ id }) => id).join(', ')}.`,
      );
    }
  }
  return rows.filter(({ id }) => names.some((name) => id.startsWith(name)));
}
