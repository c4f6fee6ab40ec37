/** The program that loads what the page exports, for the two files in a folder `detector`. */
export const program = `// inspect.mjs
import fs from 'node:fs/promises';
import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { folderHandler, loadDetector } from 'ssim-ae/autoencoder';

await setBackend('wasm');
const detector = await loadDetector(folderHandler('detector', fs));
const file = sharp(process.argv[2]).autoOrient().toColourspace('srgb').raw();
const { data, info } = await file.toBuffer({ resolveWithObject: true });
const { score, threshold, defective, regions } = await detector.inspect({ data, ...info });
console.log(score, threshold, defective ? 'defective' : 'good', regions);
`;

export const packages =
  'ssim-ae @tensorflow/tfjs-core @tensorflow/tfjs-layers @tensorflow/tfjs-backend-wasm sharp';
