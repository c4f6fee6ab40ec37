import Table from 'cli-table3';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Three figures, no more: the spread does not support them. */
export function formatTime(milliseconds: number): string {
  if (milliseconds >= 1000) return Math.round(milliseconds).toLocaleString('en-US');
  return milliseconds.toPrecision(milliseconds >= 9.95 ? 3 : 2);
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? ':--' : '--:'))), ...rows.map(line)].join(
    '\n',
  );
}

export interface Publication {
  readonly folder: string;
  /** Of the files, without an ending. */
  readonly name: string;
  readonly head: readonly string[];
  readonly cells: readonly (readonly string[])[];
  /** All that the table was made of. */
  readonly data: object;
}

/** Prints a table and writes it down: for the documentation, and as JSON with all that it was made of. */
export function publish({ folder, name, head, cells, data }: Publication): void {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  table.push(...cells.map((row) => [...row]));
  console.log(table.toString());
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(data, undefined, 1)}\n`);
  writeFileSync(join(folder, `${name}.md`), `${markdownTable(head, cells)}\n`);
}
