import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

const side = 40;

/** Pixel k of a woven texture. */
export const cloth = (k: number): number => 100 + 50 * ((k + Math.floor(k / side)) % 4);

/** A grey PNG of 40 × 40 pixels, and the folders that lead to it. */
export async function writeImage(path: string, value: (k: number) => number): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const bytes = Buffer.from(Uint8Array.from({ length: side * side }, (_, k) => value(k)));
  await sharp(bytes, { raw: { width: side, height: side, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toFile(path);
}

/** A set as MVTec AD lays them out: eight good images, and two defects with their masks. */
export async function writeSet(folder: string): Promise<void> {
  const image = (path: string, value: (k: number) => number): Promise<void> =>
    writeImage(join(folder, path), value);
  for (const index of [0, 1, 2, 3, 4, 5, 6, 7]) await image(`train/good/${index}.png`, cloth);
  await image('test/good/0.png', cloth);
  await image('test/tear/0.png', (k) => (k < 200 ? 0 : cloth(k)));
  await image('ground_truth/tear/0_mask.png', (k) => (k < 200 ? 255 : 0));
  await image('test/speck/0.png', (k) => (k < 20 ? 0 : cloth(k)));
  await image('ground_truth/speck/0_mask.png', (k) => (k < 20 ? 255 : 0));
}
