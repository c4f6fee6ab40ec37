import { basename, join, resolve } from 'node:path';
import { InputError } from '../../running/inputError.js';
import type { Dataset, Picture, TestPicture } from '../dataset.js';
import { decode, imageEndings } from './decode.js';
import type { Pixels } from './decode.js';
import { endingOf, entriesOf, isFolder, listed } from './folders.js';
import type { Entry } from './folders.js';
import { maskOf, shrunkMask } from './maskOf.js';
import { pictureOf } from './pictureOf.js';

/** Reads a set in the MVTec AD layout, docs/datasets.md; every mistake in it is told with the file it is in. */
export async function readMvtec(folder: string, patchSize: number, shrink = 1): Promise<Dataset> {
  const set = await open(folder, patchSize, shrink);
  const testFolder = join(folder, 'test');
  if (!isFolder(testFolder))
    throw new InputError(`${testFolder} is missing: test images lie in test/<kind>/.`);
  const entries = entriesOf(testFolder, 'folders of test images');
  const kinds = entries.filter(({ is }) => is === 'folder');
  set.tell(testFolder, 'not read, since test images lie in test/<kind>/', others(entries, kinds));
  if (!kinds.some(({ name }) => name !== 'good'))
    throw new InputError(`${testFolder} holds no folder of defective images.`);

  const test: TestPicture[] = [];
  const [black, full]: string[][] = [[], []];
  for (const { name: kind, path } of kinds) {
    const masks = kind === 'good' ? undefined : masksOf(join(folder, 'ground_truth', kind));
    for (const file of set.imagesIn(path, `test images of ${kind}`)) {
      const name = `${kind}/${basename(file)}`;
      const pixels = await decode(file);
      const picture = await set.picture(pixels);
      const mask = masks === undefined ? undefined : await maskFor(pixels, masks);
      if (mask?.includes(1) === false) black!.push(name);
      if (mask?.includes(0) === false) full!.push(name);
      const small =
        mask === undefined
          ? new Uint8Array(picture.height * picture.width)
          : shrunkMask(mask, pixels, picture);
      test.push({ ...picture, mask: small, kind, name });
    }
    if (masks !== undefined) set.tell(masks.folder, 'the mask of no image', masks.unused());
  }
  const truth = join(folder, 'ground_truth');
  if (!test.some(({ mask }) => mask.includes(1)))
    throw new InputError(`The masks in ${truth} are all empty.`);
  set.tell(
    truth,
    'masks that are black all over, so that nothing in these images counts as a defect',
    black!,
  );
  set.tell(truth, 'masks that are black nowhere, so that all of these images counts as a defect', full!);
  return { ...(await set.training()), test, notes: set.notes };
}

/** Only what is trained on: there need not be a test image. */
export async function readTraining(folder: string, patchSize: number, shrink = 1): Promise<Dataset> {
  const set = await open(folder, patchSize, shrink);
  return { ...(await set.training()), test: [], notes: set.notes };
}

/** What training and test images share: whether the set is of colours, and what is told of its folders. */
async function open(folder: string, patchSize: number, shrink: number) {
  if (!isFolder(folder)) throw new InputError(`${folder} is no folder.`);
  const notes: string[] = [];
  const tell = (where: string, what: string, names: readonly string[]): void => {
    if (names.length > 0) notes.push(`${where}: ${what}: ${listed(names)}.`);
  };
  const imagesIn = (place: string, what: string): string[] => {
    const entries = entriesOf(place, what);
    const images = entries.filter(isImage);
    const rest = (is: Entry['is']): Entry[] => entries.filter((entry) => entry.is === is);
    tell(place, `not read, since only ${imageEndings.join(', ')} are`, others(rest('file'), images));
    tell(place, 'folders in it are not read', others(rest('folder')));
    tell(place, 'neither files nor folders, such as links that lead nowhere', others(rest('nothing')));
    if (images.length === 0) throw new InputError(`${place} holds no image (${imageEndings.join(', ')}).`);
    return images.map(({ path }) => path);
  };
  const train = join(folder, 'train');
  const good = imagesIn(join(train, 'good'), 'the training images without defects');
  tell(
    train,
    'not read, since only train/good is',
    others(entriesOf(train, 'good')).filter((name) => name !== 'good'),
  );
  const colour = (await decode(good[0]!)).channels === 3;
  const paged: string[] = [];

  const picture = async (pixels: Pixels): Promise<Picture> => {
    const made = await pictureOf(pixels, colour, shrink);
    if (pixels.pages > 1) paged.push(pixels.file);
    if (made.height < patchSize || made.width < patchSize) {
      throw new InputError(
        `${pixels.file} has ${made.width}×${made.height} pixels, less than a patch of ${patchSize}; use a smaller --size.`,
      );
    }
    return made;
  };
  const training = async (): Promise<Omit<Dataset, 'test' | 'notes'>> => {
    const pictures: Picture[] = [];
    for (const file of good) pictures.push(await picture(await decode(file)));
    tell(folder, 'of several pages the first is read', paged);
    const most = brightest(pictures);
    if (most < 1 / 8) {
      notes.push(
        `${join(train, 'good')}: no pixel is brighter than ${(100 * most).toPrecision(2)} % of white. 10 or 12 bits in files of 16? ` +
          `SSIM's constants are made for 0 … 1: stretch the images first.`,
      );
    }
    return { name: basename(resolve(folder)), photographs: true, train: pictures };
  };
  return { notes, tell, imagesIn, picture, training };
}

const isImage = ({ name, is }: Entry): boolean =>
  is === 'file' && (imageEndings as readonly string[]).includes(endingOf(name));

const others = (entries: readonly Entry[], but: readonly Entry[] = []): string[] =>
  entries.filter((entry) => !but.includes(entry)).map(({ name }) => name);

const brightest = (pictures: readonly Picture[]): number =>
  pictures.reduce((all, { data }) => data.reduce((most, value) => Math.max(most, value), all), 0);

interface Masks {
  readonly folder: string;
  /** The mask of an image, by the image's name without its ending. */
  readonly take: (stem: string) => string | undefined;
  readonly unused: () => string[];
}

/** `000_mask.png`, `000.png` or `000_label.png` for `000.jpg`, whatever case and format. */
function masksOf(folder: string): Masks {
  const entries = isFolder(folder) ? entriesOf(folder, 'masks').filter(isImage) : [];
  const taken = new Set<Entry>();
  const suffixes = ['_mask', '', '_label'].flatMap((suffix) => imageEndings.map((ending) => suffix + ending));
  const rank = (stem: string, { name }: Entry): number =>
    name.startsWith(stem) ? suffixes.indexOf(name.slice(stem.length).toLowerCase()) : -1;
  return {
    folder,
    take: (stem) => {
      const [best] = entries
        .filter((entry) => rank(stem, entry) >= 0)
        .sort((a, b) => rank(stem, a) - rank(stem, b));
      if (best !== undefined) taken.add(best);
      return best?.path;
    },
    unused: () => others(entries, [...taken]),
  };
}

async function maskFor(image: Pixels, masks: Masks): Promise<Uint8Array> {
  const name = basename(image.file);
  const stem = name.slice(0, name.length - endingOf(name).length);
  const file = masks.take(stem);
  if (file === undefined)
    throw new InputError(`${join(masks.folder, stem)}_mask.png is missing: the mask of ${image.file}.`);
  const mask = await decode(file);
  if (mask.height !== image.height || mask.width !== image.width) {
    const swapped = mask.height === image.width && mask.width === image.height;
    const why =
      swapped && image.turned !== mask.turned
        ? ` Only one of them is turned by its EXIF orientation: turn both.`
        : '';
    throw new InputError(
      `${file} has ${mask.width}×${mask.height} pixels, its image ${image.width}×${image.height}.${why}`,
    );
  }
  return maskOf(mask);
}
