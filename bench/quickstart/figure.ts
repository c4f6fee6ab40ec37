import { interpolateInferno } from 'd3-scale-chromatic';
import sharp from 'sharp';
import type { OverlayOptions } from 'sharp';
import { thresholdAtQuantile } from '../../src/index.js';
import type { TestPicture } from './dataset.js';
import type { Inspection, MapName } from './evaluate.js';
import { label } from './labels.js';
import { joined } from './joined.js';

/** One model as the figure shows it: its reconstructions and the residual map of its own loss. */
export interface Shown {
  readonly name: string;
  readonly map: MapName;
  readonly auc: number;
  readonly inspections: readonly Inspection[];
}

const cell = 168;
const gap = 8;
const left = 132;
const top = 92;
const bottom = 66;

/** Writes the picture: a row for each kind of defect, a column for each thing to see. */
export async function writeFigure(
  file: string,
  title: string,
  test: readonly TestPicture[],
  models: readonly Shown[],
): Promise<void> {
  const rows = rowsOf(test);
  const columns = 2 + 2 * models.length;
  const width = left + columns * (cell + gap) + gap;
  const height = top + rows.length * (cell + gap) + bottom;
  const x = (column: number): number => left + column * (cell + gap);
  const y = (row: number): number => top + row * (cell + gap);

  const svg: string[] = [label(title, gap, 28, { size: 19, bold: true })];
  const head = (column: number, first: string, second: string): void => {
    svg.push(label(first, x(column) + cell / 2, 62, { size: 13, bold: true, anchor: 'middle' }));
    svg.push(label(second, x(column) + cell / 2, 80, { size: 12, fill: '#555', anchor: 'middle' }));
  };
  head(0, 'input', 'test image');
  head(1, 'truth', 'where the defect is');
  models.forEach(({ name, map, auc }, index) => {
    head(2 + 2 * index, name, 'its reconstruction');
    head(3 + 2 * index, `${name}, ${map} map`, `pixel ROC AUC ${auc.toFixed(3)}`);
  });

  const images: OverlayOptions[] = [];
  const place = async (rgb: Buffer, picture: TestPicture, row: number, column: number): Promise<void> => {
    const input = await sharp(rgb, { raw: { width: picture.width, height: picture.height, channels: 3 } })
      .resize(cell, cell, { fit: 'contain', background: '#fff' })
      .png()
      .toBuffer();
    images.push({ input, left: x(column), top: y(row) });
  };
  const scales = models.map(({ inspections, map }) => heatScale(test, inspections, map));
  for (const [row, index] of rows.entries()) {
    const picture = test[index]!;
    svg.push(label(picture.kind, gap, y(row) + cell / 2 + 5, { size: 14, bold: true }));
    await place(pixels(picture, picture.data), picture, row, 0);
    await place(truth(picture), picture, row, 1);
    for (const [m, { inspections, map }] of models.entries()) {
      const { reconstruction, maps } = inspections[index]!;
      await place(pixels(picture, reconstruction), picture, row, 2 + 2 * m);
      await place(outlined(picture, maps[map], scales[m]!), picture, row, 3 + 2 * m);
    }
  }
  svg.push(legend(gap, height - bottom + 12));
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${svg.join('')}</svg>`;
  await sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite([...images, { input: Buffer.from(drawing), left: 0, top: 0 }])
    .png({ compressionLevel: 9 })
    .toFile(file);
}

/** The defective image in the middle of its kind by size, for every kind, and one good image at the end. */
function rowsOf(test: readonly TestPicture[]): number[] {
  const kinds = [...new Set(test.map(({ kind }) => kind))];
  const ordered = [...kinds.filter((kind) => kind !== 'good'), ...kinds.filter((kind) => kind === 'good')];
  const defectPixels = (index: number): number => test[index]!.mask.reduce((sum, value) => sum + value, 0);
  return ordered.slice(0, 8).map((kind) => {
    const indices = [...test.keys()].filter((index) => test[index]!.kind === kind);
    indices.sort((a, b) => defectPixels(a) - defectPixels(b));
    return indices[Math.floor(indices.length / 2)]!;
  });
}

interface HeatScale {
  readonly dark: number;
  readonly bright: number;
}

/** Dark is the median of good pixels; full brightness is far beyond what they reach. */
function heatScale(
  test: readonly TestPicture[],
  inspections: readonly Inspection[],
  map: MapName,
): HeatScale {
  const good = joined(
    inspections.map(({ maps }, index) => maps[map].filter((_, k) => test[index]!.mask[k] === 0)),
  );
  if (good.length === 0) return { dark: 0, bright: 1 };
  const [dark, high] = [0.5, 0.99].map((share) => thresholdAtQuantile(good, share)) as [number, number];
  return { dark, bright: dark + 1.5 * Math.max(high - dark, 1e-9) };
}

function pixels({ channels }: TestPicture, data: Float32Array): Buffer {
  const count = data.length / channels;
  const rgb = Buffer.alloc(3 * count);
  for (let k = 0; k < count; k++) {
    for (let c = 0; c < 3; c++) {
      const value = data[k * channels + (channels === 1 ? 0 : c)]!;
      rgb[3 * k + c] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
  }
  return rgb;
}

function truth({ mask }: TestPicture): Buffer {
  const rgb = Buffer.alloc(3 * mask.length, 235);
  mask.forEach((value, k) => {
    if (value === 1) rgb.set([200, 30, 30], 3 * k);
  });
  return rgb;
}

/** The heat map with the rim of the true defect drawn on it. */
function outlined(
  { mask, width, height }: TestPicture,
  map: Float32Array,
  { dark, bright }: HeatScale,
): Buffer {
  const rgb = Buffer.alloc(3 * map.length);
  map.forEach((value, k) => {
    const share = Math.min(1, Math.max(0, (value - dark) / (bright - dark)));
    rgb.set(channelsOf(interpolateInferno(share)), 3 * k);
  });
  const at = (row: number, column: number): number =>
    row < 0 || column < 0 || row >= height || column >= width ? 0 : mask[row * width + column]!;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const rim =
        at(row, column) === 0 &&
        at(row - 1, column) + at(row + 1, column) + at(row, column - 1) + at(row, column + 1) > 0;
      if (rim) rgb.set([80, 230, 255], 3 * (row * width + column));
    }
  }
  return rgb;
}

/** d3 gives '#rrggbb' or 'rgb(r, g, b)'. */
function channelsOf(colour: string): number[] {
  if (colour.startsWith('#')) return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
  return (colour.match(/\d+/g) ?? []).map(Number);
}

function legend(x: number, y: number): string {
  const bar = 180;
  const stops = Array.from({ length: bar }, (_, k) => {
    const [r, g, b] = channelsOf(interpolateInferno(k / (bar - 1)));
    return `<rect x="${x + k}" y="${y}" width="1.5" height="14" fill="rgb(${r},${g},${b})"/>`;
  });
  return [
    ...stops,
    label('as without defects   to   anomalous', x + bar + 10, y + 12, { size: 13 }),
    label(
      'Residual maps: dark = the median of defect-free pixels, brightest = 1.5 times as far as 99 % of them reach. Blue rim = the true defect.',
      x,
      y + 36,
      { size: 12, fill: '#555' },
    ),
  ].join('');
}
