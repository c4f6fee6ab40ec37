import Table from 'cli-table3';
import { describeMachine } from '../running/machine.js';
import type { Machine } from '../running/machine.js';
import type { GrowthStep } from './growth.js';
import { medianOf } from './measure.js';
import type { Cell, Plan, RowResult } from './measure.js';
import type { Mode } from './rows/row.js';
import { formatShape, pixelsOf } from './rows/shapes.js';
import type { Shape } from './rows/shapes.js';
import { formatTime, markdownTable } from './tables.js';

export interface ShapeResult {
  readonly shape: Shape;
  readonly rows: readonly RowResult[];
}

export interface Definition {
  readonly id: string;
  readonly label: string;
  readonly note: string | undefined;
  readonly exact: boolean;
}

/** All that the benchmark found; speed.json is this. */
export interface Report {
  readonly machine: Machine;
  readonly plan: Plan;
  readonly seconds: number;
  readonly definitions: readonly Definition[];
  readonly shapes: readonly ShapeResult[];
  readonly growth: readonly GrowthStep[];
}

/** Every other row is compared with this one. */
const ours = 'fused-wasm';

/** Why there is no number; the message of an error belongs below the table. */
const reasonOf = (cell: Cell | undefined): string | undefined =>
  cell !== undefined && 'skipped' in cell ? cell.skipped : undefined;

function cellText(cell: Cell | undefined): string {
  const median = medianOf(cell);
  if (median !== undefined) return formatTime(median);
  const reason = reasonOf(cell);
  return reason === undefined ? '–' : `– (${reason.split(':')[0]})`;
}

function spreadText(cell: Cell | undefined): string {
  if (cell === undefined || !('median' in cell)) return '';
  return `${formatTime(cell.q1)}–${formatTime(cell.q3)} (${cell.runs})`;
}

function ratioText(rows: readonly RowResult[], row: RowResult, mode: Mode): string {
  const own = medianOf(rows.find(({ id }) => id === ours)?.[mode]);
  const other = medianOf(row[mode]);
  return own === undefined || other === undefined ? '' : `${formatTime(other / own)}×`;
}

/** A table for the console. */
export function shapeTable({ shape, rows }: ShapeResult): string {
  const table = new Table({
    head: [
      formatShape(shape),
      'value ms',
      'quartiles (runs)',
      'ratio',
      'with gradient',
      'quartiles (runs)',
      'ratio',
      'SSIM',
    ],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) {
    table.push([
      row.label,
      cellText(row.value),
      spreadText(row.value),
      ratioText(rows, row, 'value'),
      cellText(row.gradient),
      spreadText(row.gradient),
      ratioText(rows, row, 'gradient'),
      row.ssim?.toFixed(5) ?? '',
    ]);
  }
  const failures = rows.flatMap((row) =>
    [row.value, row.gradient]
      .map(reasonOf)
      .filter((reason) => /^(failed|wrong)/.test(reason ?? ''))
      .map((reason) => `${row.label} ${reason}`),
  );
  return [table.toString(), ...failures].join('\n');
}

/** Window, channels and pixels: nanoseconds a pixel should stay the same. */
export function growthTable(growth: readonly GrowthStep[]): string {
  const table = new Table({
    head: ['', 'row', 'value ms', 'ns a number', 'with gradient', 'ns a number'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const step of growth) for (const cells of growthCells(step)) table.push(cells);
  return table.toString();
}

function growthCells({ of, size, shape, rows }: GrowthStep): string[][] {
  return rows.map((row) => [
    of === 'channels' ? `${size} channels` : `${of} ${size}×${size}`,
    row.label,
    cellText(row.value),
    perPixel(row.value, shape),
    cellText(row.gradient),
    perPixel(row.gradient, shape),
  ]);
}

function perPixel(cell: Cell | undefined, shape: Shape): string {
  const median = medianOf(cell);
  return median === undefined ? '' : formatTime((1e6 * median) / pixelsOf(shape));
}

/** The tables for the documentation. */
export function markdownOf({ machine, plan, definitions, shapes, growth }: Report): string {
  const rowOf = (shape: ShapeResult, id: string): RowResult | undefined =>
    shape.rows.find((row) => row.id === id);
  const pair = (row: RowResult | undefined, text: (row: RowResult, mode: Mode) => string): string => {
    if (row === undefined) return '–';
    return row.gradient === undefined
      ? text(row, 'value')
      : `${text(row, 'value')} / ${text(row, 'gradient')}`;
  };
  const heads = shapes.map(({ shape }) => formatShape(shape));
  const times = definitions.map(({ id, label }) => [
    label,
    ...shapes.map((shape) => pair(rowOf(shape, id), (row, mode) => cellText(row[mode]))),
  ]);
  const ratios = definitions.map(({ id, label }) => [
    label,
    ...shapes.map((shape) => pair(rowOf(shape, id), (row, mode) => ratioText(shape.rows, row, mode) || '–')),
  ]);
  const values = definitions.map(({ label, note, exact }) => [label, exact ? 'yes' : 'no', note ?? '']);
  const squares = shapes.filter(
    ({ shape: [batch, height, width, channels] }) => batch === 1 && height === width && channels === 1,
  );
  const pixels = definitions.map(({ id, label }) => [
    label,
    ...squares.map((shape) => pair(rowOf(shape, id), (row, mode) => perPixel(row[mode], shape.shape) || '–')),
  ]);
  return [
    '## Milliseconds: value / value and gradient with respect to the reconstruction',
    markdownTable(['', ...heads], times),
    `Medians of up to ${plan.runs} measurements, rows taking turns; '${'too slow'}': more than ${plan.limit} s a call. ${describeMachine(machine)}.`,
    '## Times as long as ssim-ae on wasm',
    markdownTable(['', ...heads], ratios),
    ...(squares.length > 1
      ? ['## Nanoseconds a pixel', markdownTable(['', ...squares.map(({ shape }) => `${shape[1]}²`)], pixels)]
      : []),
    ...(growth.length > 0
      ? [
          `## Other windows and more channels`,
          markdownTable(
            ['', 'row', 'value ms', 'ns a number', 'with gradient ms', 'ns a number'],
            growth.flatMap(growthCells),
          ),
        ]
      : []),
    '## What each row computes',
    markdownTable(['', 'Gaussian 11×11, σ 1.5, inside the image, all channels', 'note'], values),
    '',
  ].join('\n\n');
}
