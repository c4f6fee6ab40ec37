// What the layers of a pretrained network say about each kind of defect: a picture of featureResidualMaps.
// Run: npx tsx bench/features/main.ts --model DIR. The pictures are drawn, the reconstruction is the same cloth without the defect.
import '@tensorflow/tfjs-backend-wasm';
import { join } from 'node:path';
import { add, setBackend, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { featureResidualMaps, heatmap, overlay, rocAuc, ssimResidualMap } from '../../src/index.js';
import { featuresFrom } from './features.js';
import { readNetwork } from './network.js';
import { label } from '../drawing/labels.js';
import { sheet } from '../drawing/sheet.js';
import { command } from '../running/command.js';
import { number, readerOf, text, texts } from '../running/flags.js';
import type { Values } from '../running/flags.js';
import { InputError } from '../running/inputError.js';
import { outFolder } from '../running/outFolder.js';
import { randomFrom } from '../running/random.js';
import { defectKinds, weavePicture } from '../pictures/weave.js';

const flags = {
  model: text('DIR', 'holds model.json and its weights, as tfjs saves a layers model'),
  layers: texts('LIST', 'its layers to show (conv1_relu,conv_pw_1_relu,conv_pw_2_relu,conv_pw_3_relu)'),
  scale: number('X', 'the network sees scale * pixel + offset (2)'),
  offset: number('X', 'see --scale (-1)'),
  out: text('DIR', 'where the picture goes (bench-out)'),
};
const size = 128;

async function main({ model, scale = 2, offset = -1, ...rest }: Values<typeof flags>): Promise<void> {
  if (model === undefined) {
    throw new InputError(
      '--model DIR is needed: a folder with model.json and its weights, as tfjs saves a layers model.',
    );
  }
  const names = rest.layers ?? ['conv1_relu', ...[1, 2, 3].map((k) => `conv_pw_${k}_relu`)];
  const out = outFolder(rest.out ?? 'bench-out', 1 << 20);
  const network = await readNetwork({ folder: model, layers: names, scale, offset });
  await setBackend('wasm');
  const features = await featuresFrom(network, 1);

  const random = randomFrom(2);
  const columns = ['input', ...names, 'all layers', 'SSIM'];
  const [cell, left, top] = [size + 6, 110, 40];
  const labels = columns.map((name, k) =>
    label(name, left + k * cell + size / 2, 26, { size: 11, anchor: 'middle' }),
  );
  const pictures: { input: Buffer; left: number; top: number }[] = [];
  for (const [row, kind] of defectKinds.entries()) {
    const picture = weavePicture(random, kind, size, kind);
    const shown = tidy(() => {
      const [x, y] = [picture, picture.flawless].map(({ data }) => tensor4d(data, [1, size, size, 1])) as [
        Tensor4D,
        Tensor4D,
      ];
      const maps = featureResidualMaps(x, y, { features, normalize: 'unit' });
      const all = maps.reduce((sum, map) => add(sum, map));
      return [...maps, all, ssimResidualMap(x, y)].map((map) => ({
        auc: rocAuc(map.dataSync<'float32'>(), picture.mask),
        pixels: heatmap(map).dataSync<'float32'>().slice(),
      }));
    });
    const input = tidy(() => {
      const [image, mask] = [picture.data, Float32Array.from(picture.mask)].map((data) =>
        tensor4d(data, [1, size, size, 1]),
      ) as [Tensor4D, Tensor4D];
      return overlay(image, mask, { range: [0, 1] })
        .dataSync<'float32'>()
        .slice();
    });
    labels.push(
      label(kind.replace('_', ' '), 8, top + row * (cell + 14) + size / 2, { size: 12, bold: true }),
    );
    for (const [k, pixels] of [input, ...shown.map(({ pixels }) => pixels)].entries()) {
      const place = { left: left + k * cell, top: top + row * (cell + 14) };
      const bytes = Buffer.from(Uint8Array.from(pixels, (value) => Math.round(255 * value)));
      pictures.push({
        input: await sharp(bytes, { raw: { width: size, height: size, channels: 3 } })
          .png()
          .toBuffer(),
        ...place,
      });
      if (k === 0) continue;
      const text = shown[k - 1]!.auc.toFixed(3);
      labels.push(label(text, place.left + size / 2, place.top + size + 13, { size: 11, anchor: 'middle' }));
    }
  }
  const [width, height] = [left + columns.length * cell, top + defectKinds.length * (cell + 14) + 6];
  const file = join(out, 'features.png');
  await sheet({ width, height }, pictures, labels).png().toFile(file);
  console.log(`${file} written: maps and their pixel ROC AUC, ${names.length} layers of ${network.name}.`);
}

await command('features', readerOf(flags), main);
