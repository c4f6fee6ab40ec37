// Figure 2 of the paper as a picture of docs/measures.md, from the patches and figures of the home page:
//
//   npx tsx bench/drawing/threePairs.ts [docs/images/three-pairs.webp]
import '@tensorflow/tfjs-backend-cpu';
import { setBackend } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { judge } from '../../docs/.vitepress/theme/judge.js';
import { size, threePairs } from '../../docs/.vitepress/theme/threePairs.js';
import { label } from './labels.js';

const scale = 6;
const side = scale * size;
const gap = 24;
const head = 44;
const width = 908;
const columns = ['ℓ2', 'luminance', 'contrast', 'structure', '1 − SSIM'] as const;
const rowTop = (row: number): number => head + row * (side + gap);
const columnMiddle = (column: number): number => 400 + 108 * column;

const [, , file = 'docs/images/three-pairs.webp'] = process.argv;
await setBackend('cpu');
const pairs = threePairs(1).map((pair) => ({ pair, verdict: judge(pair) }));

const patch = async (values: Float32Array): Promise<Buffer> => {
  const grey = Uint8Array.from(values, (value) => Math.round(255 * value));
  return sharp(grey, { raw: { width: size, height: size, channels: 1 } })
    .resize(side, side, { kernel: 'nearest' })
    .png()
    .toBuffer();
};
const patches = await Promise.all(
  pairs.flatMap(({ pair: { x, y } }, row) =>
    [x, y].map(async (values, column) => ({
      input: await patch(values),
      left: gap + column * (side + 8),
      top: rowTop(row),
    })),
  ),
);

const figure = (value: number): string => value.toFixed(2).replace('-', '−').replace('−0.00', '0.00');
const middle = { anchor: 'middle', size: 17 } as const;
const patchMiddle = (column: number): number => gap + column * (side + 8) + side / 2;
const labels = [
  label('x', patchMiddle(0), 28, middle),
  label('x̂', patchMiddle(1), 28, middle),
  ...columns.map((name, column) => label(name, columnMiddle(column), 28, { ...middle, bold: true })),
  ...pairs.flatMap(({ pair, verdict }, row) => {
    const figures = [verdict.l2, verdict.luminance, verdict.contrast, verdict.structure, 1 - verdict.ssim];
    return figures.map((value, column) => {
      const tells = columns[column] === pair.name || column === figures.length - 1;
      const style = { ...middle, bold: tells, fill: tells ? '#b3261e' : '#222' };
      return label(figure(value), columnMiddle(column), rowTop(row) + side / 2 + 6, style);
    });
  }),
];
const height = rowTop(pairs.length);
const frames = patches.map(
  ({ left, top }) =>
    `<rect x="${left - 0.5}" y="${top - 0.5}" width="${side + 1}" height="${side + 1}" fill="none" stroke="#999"/>`,
);
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>${frames.join('')}${labels.join('')}</svg>`;
await sharp(Buffer.from(svg)).composite(patches).webp({ lossless: true, effort: 6 }).toFile(file);
console.log(`${file} written.`);
