import { weavePicture } from '../../../../../bench/pictures/weave.js';
import { randomFrom } from '../../../../../bench/running/random.js';
import type { Picture } from '../pictures.js';

const size = 256;
const kinds = ['good', 'broken_weave', 'missing_yarn', 'shifted_patch', 'stain', 'hole', 'good'] as const;

/** Lets the page show what was drawn so far. */
const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Woven cloth, drawn as for the benchmarks; every seed gives other pieces. */
async function cloths(
  seed: number,
  drawn: readonly { readonly name: string; readonly kind: (typeof kinds)[number] }[],
): Promise<Picture[]> {
  const random = randomFrom(seed);
  const pictures: Picture[] = [];
  for (const { name, kind } of drawn) {
    const { data } = weavePicture(random, kind, size, name);
    const image = new ImageData(size, size);
    data.forEach((value, pixel) => {
      const grey = 255 * value;
      image.data.set([grey, grey, grey, 255], 4 * pixel);
    });
    pictures.push({ name, image });
    await breath();
  }
  return pictures;
}

/** Enough for a rate of one false alarm in ten. */
export const goodExample = (): Promise<Picture[]> =>
  cloths(
    1,
    Array.from({ length: 27 }, (_, k) => ({ name: `cloth ${k + 1}`, kind: 'good' })),
  );

export const testExample = (): Promise<Picture[]> =>
  cloths(
    2,
    kinds.map((kind, k) => ({
      name: `${kind.replace('_', ' ')}${kind === 'good' ? ` ${k === 0 ? 1 : 2}` : ''}`,
      kind,
    })),
  );
