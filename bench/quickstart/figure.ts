import sharp from 'sharp';
import type { OverlayOptions } from 'sharp';
import { heatScaleOf } from '../drawing/heatScale.js';
import type { HeatScale } from '../drawing/heatScale.js';
import { label } from '../drawing/labels.js';
import { inferno, inputPixels, mapPixels, maskPixels } from '../drawing/raster.js';
import { sheet } from '../drawing/sheet.js';
import { typicalPictures } from '../drawing/typicalPictures.js';
import { figureText } from '../inspection/figureTable.js';
import type { Inspection } from '../inspection/inspect.js';
import { joined } from '../inspection/joined.js';
import type { TestPicture } from '../pictures/dataset.js';
import type { MapName } from './maps.js';

/** One model as the figure shows it: its reconstructions and the residual map of its own loss. */
export interface Shown {
  readonly name: string;
  readonly map: MapName;
  readonly auc: number | null;
  readonly inspections: readonly Inspection<MapName>[];
}

const cell = 168;
const gap = 8;
const left = 132;
const top = 92;
const bottom = 66;

/** The picture as a PNG: a row for each kind of defect, a column for each thing to see. */
export async function figure(
  title: string,
  test: readonly TestPicture[],
  models: readonly Shown[],
): Promise<Buffer> {
  const rows = typicalPictures(test);
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
    head(3 + 2 * index, `${name}, ${map} map`, `pixel ROC AUC ${figureText(auc)}`);
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
    await place(inputPixels(picture, picture.data), picture, row, 0);
    await place(maskPixels(picture.mask), picture, row, 1);
    for (const [m, { inspections, map }] of models.entries()) {
      const { reconstruction, maps } = inspections[index]!;
      await place(inputPixels(picture, reconstruction), picture, row, 2 + 2 * m);
      await place(mapPixels(picture, maps[map], scales[m]!), picture, row, 3 + 2 * m);
    }
  }
  svg.push(legend(gap, height - bottom + 12));
  return sheet({ width, height }, images, svg).png({ palette: true, compressionLevel: 9 }).toBuffer();
}

/** From the good pixels of all test images. */
function heatScale(
  test: readonly TestPicture[],
  inspections: readonly Inspection<MapName>[],
  map: MapName,
): HeatScale {
  const good = joined(
    inspections.map(({ maps }, index) => maps[map].filter((_, k) => test[index]!.mask[k] === 0)),
  );
  return good.length === 0 ? { dark: 0, bright: 1 } : heatScaleOf(good);
}

function legend(x: number, y: number): string {
  const bar = 180;
  const stops = Array.from({ length: bar }, (_, k) => {
    const [r, g, b] = inferno(k / (bar - 1));
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
