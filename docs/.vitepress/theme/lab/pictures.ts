/** A picture that the reader gave, or an example. */
export interface Picture {
  readonly name: string;
  readonly image: ImageData;
}

/** More pixels than this take a phone's memory. */
const mostPixels = 50e6;

/** Said to the reader as it is. */
export class PictureError extends Error {}

export function imageDataOf(source: CanvasImageSource, width: number, height: number): ImageData {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(source, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** Reads a file as every browser can: nothing is uploaded. */
export async function readPicture(file: Blob & { readonly name?: string }): Promise<Picture> {
  const name = file.name ?? 'the pasted picture';
  // The pixels as they are in the file: no colour profile, no alpha multiplied in.
  const bitmap = await createImageBitmap(file, {
    colorSpaceConversion: 'none',
    premultiplyAlpha: 'none',
  }).catch(() => {
    throw new PictureError(
      `${name} is no picture that this browser can read. PNG, JPEG, WebP, GIF and BMP work everywhere.`,
    );
  });
  const { width, height } = bitmap;
  if (width * height > mostPixels) {
    throw new PictureError(
      `${name} has ${Math.round((width * height) / 1e6)} million pixels, which is too much for a page. Up to ${mostPixels / 1e6} million work.`,
    );
  }
  const image = imageDataOf(bitmap, width, height);
  bitmap.close();
  return { name, image };
}

/** A picture in another size. */
export async function scaledTo({ name, image }: Picture, width: number, height: number): Promise<Picture> {
  return { name, image: imageDataOf(await createImageBitmap(image), width, height) };
}

/** Cloth, and the same with a dark spot, a patch that is shifted by half a thread, and a blurred one. */
export function examplePair(): readonly [Picture, Picture] {
  const size = 256;
  const noise = (y: number, x: number): number =>
    (((y * 7919 + x * 104729) * 2654435761) % 4294967296) / 4294967296 - 0.5;
  const cloth = (y: number, x: number): number =>
    0.5 + 0.2 * Math.sin(y * 0.7) * Math.sin(x * 0.7) + 0.08 * Math.sin((y + x) / 40) + 0.05 * noise(y, x);
  const within = (y: number, x: number, top: number, left: number): boolean =>
    Math.abs(y - top) < 22 && Math.abs(x - left) < 22;
  const spoilt = (y: number, x: number): number => {
    if (within(y, x, 60, 70)) return cloth(y, x + 4.5);
    if (within(y, x, 170, 80)) return 0.5 + 0.08 * Math.sin((y + x) / 40) + 0.05 * noise(y, x);
    return cloth(y, x) - 0.3 * Math.exp(-((y - 130) ** 2 + (x - 190) ** 2) / 400);
  };
  const picture = (name: string, value: (y: number, x: number) => number): Picture => {
    const image = new ImageData(size, size);
    for (let pixel = 0; pixel < size * size; pixel++) {
      const gray = 255 * value(Math.floor(pixel / size), pixel % size);
      image.data.set([gray, gray, gray, 255], 4 * pixel);
    }
    return { name, image };
  };
  return [picture('cloth', cloth), picture('cloth with three defects', spoilt)];
}
