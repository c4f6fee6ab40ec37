import { basename } from 'node:path';
import { statSync } from 'node:fs';
import type { Dataset, Picture } from '../pictures/dataset.js';
import { decode } from '../pictures/files/decode.js';
import { readMvtec } from '../pictures/files/mvtec.js';
import { pictureOf } from '../pictures/files/pictureOf.js';
import { interpolated, withFlaws } from '../pictures/flaws.js';
import { weaveDataset } from '../pictures/weave.js';
import { InputError } from '../running/inputError.js';
import type { Arguments } from './arguments.js';

/** Side of the pieces that a texture is cut into. */
const side = 128;

/** What is trained on, and what is judged by. */
export async function openSet({ set, flaws, stretchTested, seed, size }: Arguments): Promise<Dataset> {
  if (set !== 'fabric' && statSync(set, { throwIfNoEntry: false })?.isFile() === true) {
    const { train, held } = await piecesOf(set);
    return { name: basename(set), photographs: false, train, test: withFlaws(held, 4, seed), notes: [] };
  }
  const own = set === 'fabric' ? weaveDataset(seed) : await readMvtec(set, size);
  if (!flaws) return own;
  const good = heldBack(own.train).map((picture, index) =>
    index % 2 === 1 ? stretched(picture, stretchTested) : picture,
  );
  return { ...own, test: withFlaws(good, 2, seed) };
}

/** The upper `share` of a picture, stretched to all of its height: as a line camera shows what passes more slowly. */
function stretched(picture: Picture, share: number): Picture {
  const { width, channels } = picture;
  const length = width * channels;
  const data = picture.data.map((_, k) => {
    const column = Math.floor((k % length) / channels);
    return interpolated(picture, share * Math.floor(k / length), column, k % channels);
  });
  return { ...picture, data };
}

/** Every eighth image, which `trainAutoencoder` does not train on. */
export const heldBack = (train: readonly Picture[]): Picture[] => train.filter((_, index) => index % 8 === 7);

async function piecesOf(file: string): Promise<{ train: Picture[]; held: Picture[] }> {
  const whole = await pictureOf(await decode(file), false, 1);
  const pieces: Picture[] = [];
  for (let top = 0; top + side <= whole.height; top += side) {
    for (let left = 0; left + side <= whole.width; left += side) {
      const data = Float32Array.from(
        { length: side * side },
        (_, k) => whole.data[(top + Math.floor(k / side)) * whole.width + left + (k % side)]!,
      );
      pieces.push({ height: side, width: side, channels: 1, data });
    }
  }
  if (pieces.length < 8)
    throw new InputError(`${file} must have eight pieces of ${side}×${side} pixels at least.`);
  const isHeld = (index: number): boolean => [2, 5, 7].includes(index % 8);
  return {
    train: pieces.filter((_, index) => !isHeld(index)),
    held: pieces.filter((_, index) => isHeld(index)),
  };
}
