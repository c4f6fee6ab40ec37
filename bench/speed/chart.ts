import { medianOf } from './measure.js';
import type { RowResult } from './measure.js';
import type { Report, ShapeResult } from './report.js';
import { modes } from './rows/row.js';
import type { Mode } from './rows/row.js';
import { formatShape } from './rows/shapes.js';
import { formatTime } from './tables.js';

const width = 900;
const left = 274;
const right = 84;
const top = 92;
const barHeight = 11;
const rowHeight = 2 * barHeight + 12;

/** Bars of milliseconds on a logarithmic scale, fastest first, readable on light and dark ground. */
export function chartOf({ shapes, machine, definitions }: Report): string {
  const shown = shapes.find(({ shape }) => formatShape(shape) === '8×128×128×1') ?? shapes[0];
  if (shown === undefined) return '';
  const other = new Set(definitions.filter(({ exact }) => !exact).map(({ id }) => id));
  const rows = sortedRows(shown);
  const times = rows.flatMap((row) => modes.flatMap((mode) => timeOf(row, mode) ?? []));
  const low = Math.floor(Math.log10(Math.min(...times)));
  const high = Math.ceil(Math.log10(Math.max(...times)) + 1e-9);
  const x = (time: number): number =>
    left + ((Math.log10(time) - low) / (high - low)) * (width - left - right);
  const bottom = top + rows.length * rowHeight;
  const height = bottom + 78;

  const ticks = Array.from({ length: high - low + 1 }, (_, k) => 10 ** (low + k));
  const grid = ticks.map(
    (tick) =>
      `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${top - 8}" y2="${bottom}"/>` +
      text(tickLabel(tick), x(tick), bottom + 18, 'small', 'middle'),
  );
  const bars = rows.map((row, index) => {
    const y = top + index * rowHeight;
    const own = row.id.startsWith('fused-') || row.id === 'raw';
    return (
      text(
        other.has(row.id) ? `${row.label} *` : row.label,
        left - 10,
        y + barHeight + 5,
        own ? 'label own' : 'label',
        'end',
      ) + modes.map((mode, place) => bar(row, mode, y + place * (barHeight + 1), x(10 ** low), x)).join('')
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Milliseconds of an SSIM loss, by library">
<style>${style}</style>
<rect class="ground" width="${width}" height="${height}"/>
${text(`SSIM loss on ${formatShape(shown.shape)}: milliseconds, logarithmic, less is better`, 16, 30, 'title', 'start')}
<rect class="value" x="16" y="46" width="22" height="${barHeight}"/>${text('value', 44, 56, 'small', 'start')}
<rect class="gradient" x="96" y="46" width="22" height="${barHeight}"/>${text('value and gradient with respect to the reconstruction', 124, 56, 'small', 'start')}
${grid.join('\n')}
${bars.join('\n')}
${text('* not the same work: 8-bit gray, another window or another border', 16, height - 34, 'small', 'start')}
${text(`Medians. ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.date}`, 16, height - 16, 'small', 'start')}
</svg>
`;
}

const style = `
text { font-family: system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif; fill: #1f2328; }
.title { font-size: 17px; font-weight: 600; } .label { font-size: 13px; } .own { font-weight: 700; }
.small { font-size: 12px; fill: #59636e; } .ground { fill: #ffffff; } .grid { stroke: #d1d9e0; }
.value { fill: #2f7fd0; } .gradient { fill: #e2861b; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; } .small { fill: #a9b1ba; } .ground { fill: #0d1117; } .grid { stroke: #3d444d; }
}`;

function sortedRows({ rows }: ShapeResult): RowResult[] {
  return rows
    .filter((row) => timeOf(row, 'value') !== undefined)
    .sort((a, b) => timeOf(a, 'value')! - timeOf(b, 'value')!);
}

const timeOf = (row: RowResult, mode: Mode): number | undefined => medianOf(row[mode]);

function bar(row: RowResult, mode: Mode, y: number, zero: number, x: (time: number) => number): string {
  const time = timeOf(row, mode);
  if (time === undefined) return '';
  return (
    `<rect class="${mode}" x="${zero.toFixed(1)}" y="${y}" width="${(x(time) - zero).toFixed(1)}" height="${barHeight}"/>` +
    text(formatTime(time), x(time) + 5, y + barHeight - 1, 'small', 'start')
  );
}

function tickLabel(tick: number): string {
  return tick >= 1000 ? `${tick / 1000} s` : `${Number(tick.toPrecision(1))} ms`;
}

function text(content: string, x: number, y: number, kind: string, anchor: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}">${escaped}</text>`;
}
