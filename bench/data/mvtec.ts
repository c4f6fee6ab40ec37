import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { InputError } from './inputError.js';
import { imageEndings, isColour, readPicture } from './readPicture.js';
import type { Dataset, Picture, TestPicture } from './dataset.js';

/** Reads a set in the MVTec AD layout; every mistake in it is told with the file it is in. */
export async function readMvtec(folder: string, patchSize: number, shrink = 1): Promise<Dataset> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new InputError(`${folder} is no folder.`);
  const train = imagesIn(join(folder, 'train', 'good'), 'the training images without defects');
  const testFolder = join(folder, 'test');
  if (!existsSync(testFolder))
    throw new InputError(`${testFolder} is missing: test images lie in test/<kind>/.`);
  const kinds = readdirSync(testFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const defects = kinds.filter((kind) => kind !== 'good');
  if (defects.length === 0) throw new InputError(`${testFolder} holds no folder of defective images.`);

  const colour = await isColour(train[0]!);
  const read = async (file: string): Promise<Picture> => {
    const picture = await readPicture(file, colour, shrink);
    if (picture.height < patchSize || picture.width < patchSize) {
      throw new InputError(
        `${file} has ${picture.width}×${picture.height} pixels, less than a patch of ${patchSize}; use a smaller --size.`,
      );
    }
    return picture;
  };
  const readTest = async (kind: string, file: string): Promise<TestPicture> => {
    const picture = await read(file);
    const mask =
      kind === 'good'
        ? new Uint8Array(picture.height * picture.width)
        : await readMask(folder, kind, file, picture, shrink);
    return { ...picture, mask, kind, name: `${kind}/${basename(file)}` };
  };
  const test: TestPicture[] = [];
  for (const kind of kinds) {
    for (const file of imagesIn(join(testFolder, kind), `test images of ${kind}`))
      test.push(await readTest(kind, file));
  }
  if (!test.some(({ mask }) => mask.includes(1)))
    throw new InputError(`The masks in ${join(folder, 'ground_truth')} are all empty.`);
  const pictures: Picture[] = [];
  for (const file of train) pictures.push(await read(file));
  return { name: basename(folder), photographs: true, train: pictures, test };
}

function imagesIn(folder: string, what: string): string[] {
  if (!existsSync(folder)) throw new InputError(`${folder} is missing: it should hold ${what}.`);
  const files = readdirSync(folder)
    .filter((name) => (imageEndings as readonly string[]).includes(extname(name).toLowerCase()))
    .sort()
    .map((name) => join(folder, name));
  if (files.length === 0) throw new InputError(`${folder} holds no image (${imageEndings.join(', ')}).`);
  return files;
}

async function readMask(
  folder: string,
  kind: string,
  image: string,
  { height, width }: Picture,
  shrink: number,
): Promise<Uint8Array> {
  const stem = join(folder, 'ground_truth', kind, basename(image, extname(image)));
  const file = ['_mask', '']
    .flatMap((ending) => imageEndings.map((extension) => `${stem}${ending}${extension}`))
    .find(existsSync);
  if (file === undefined) throw new InputError(`${stem}_mask.png is missing: the mask of ${image}.`);
  const mask = await readPicture(file, false, shrink);
  if (mask.height !== height || mask.width !== width) {
    throw new InputError(`${file} has ${mask.width}×${mask.height} pixels, its image ${width}×${height}.`);
  }
  // Half of the brightest: in some sets defective is 1, not 255.
  const half = mask.data.reduce((most, value) => Math.max(most, value), 0) / 2;
  return Uint8Array.from(mask.data, (value) => (value > half ? 1 : 0));
}
