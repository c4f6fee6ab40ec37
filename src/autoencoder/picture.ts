import { Tensor } from '@tensorflow/tfjs-core';
import { describeSize, describeShape, describeValue } from '../checks/describe.js';
import { checkWhole } from '../checks/options.js';
import { checkFloatTensor, checkImages } from '../checks/tensors.js';
import { pixelRangeOf } from '../checks/typedArrays.js';

/**
 * The pixels of one image, as a decoder or a canvas gives them; an `ImageData` is one. Rows of pixels of channels: 8-bit values are
 * divided by 255, 16-bit values by 65,535, floats must lie in [0, 1]. Alpha does not count, and colour becomes grey (luma) for a model
 * of grey images.
 */
export interface ImagePixels {
  /** The values, height · width · channels of them. */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array | Float32Array | Float64Array;
  /** Rows of the image. */
  readonly height: number;
  /** Columns of the image. */
  readonly width: number;
  /**
   * Grey, grey and alpha, red green and blue, or these and alpha.
   * @default data.length / (height · width)
   */
  readonly channels?: 1 | 2 | 3 | 4;
}

/** One image in [0, 1]: a float32 tensor [H, W, C] or [1, H, W, C], or its pixels. */
export type DetectorImage = Tensor | ImagePixels;

/** Good images: one batch as a tensor [N, H, W, C], or a list of images, which may differ in size. */
export type GoodImages = Tensor | readonly DetectorImage[];

/** An image as it is cut into patches: values in [0, 1], rows of pixels of channels. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float32Array;
}

/** The images of a list or a batch, checked, as pictures with `channels` channels and at least `least` pixels a side. */
export async function picturesOf(
  where: string,
  good: unknown,
  channels: number,
  least: number,
): Promise<Picture[]> {
  let pictures: Picture[];
  if (Array.isArray(good)) {
    pictures = await Promise.all(
      good.map((image: unknown, index) => pictureOf(`${where}[${index}]`, image, channels)),
    );
    const given = good.map((image: unknown) => channelsGiven(image));
    const other = given.findIndex((count) => count !== given[0]);
    if (other > 0) {
      throw new RangeError(
        `${where}[${other}] has ${given[other]} channels, but the first has ${given[0]}; bring all images to the same form.`,
      );
    }
  } else if (good instanceof Tensor) {
    checkImages(where, good, 'divide');
    pictures = await batchOf(where, good, channels);
  } else {
    throw new TypeError(
      `${where} must be a tensor [batch, height, width, channels] or a list of images, but got ${describeValue(good)}.`,
    );
  }
  pictures.forEach(({ height, width }, index) => {
    if (Math.min(height, width) >= least) return;
    throw new RangeError(
      `${where}${Array.isArray(good) ? `[${index}]` : ''} is ${describeSize([height, width])} pixels, smaller than the patches ` +
        `of ${describeSize([least, least])}; leave it out, or make a model of a smaller size.`,
    );
  });
  return pictures;
}

/** One image as a picture; it may be smaller than a patch. */
export async function pictureOf(where: string, image: unknown, channels: number): Promise<Picture> {
  if (!(image instanceof Tensor)) return pictureOfPixels(where, image, channels);
  checkFloatTensor(where, image, 'divide');
  const shape = image.rank === 3 ? [1, ...image.shape] : image.shape;
  if (shape.length !== 4 || shape[0] !== 1) {
    throw new RangeError(
      `${where} must be one image, of shape [height, width, channels], but got ${describeShape(image.shape)}.`,
    );
  }
  const [picture] = await batchOf(where, image, channels);
  return picture!;
}

async function batchOf(where: string, images: Tensor, channels: number): Promise<Picture[]> {
  const [height, width, own] = images.shape.slice(-3) as [number, number, number];
  if (own !== channels) {
    throw new RangeError(`${where} has ${channelsText(own)}, but the model takes ${channels}.`);
  }
  const values = await images.data<'float32'>();
  checkPixels(where, values);
  const length = height * width * own;
  return Array.from({ length: values.length / length }, (_, k) => ({
    height,
    width,
    channels,
    data: values.slice(k * length, (k + 1) * length),
  }));
}

const channelsText = (count: number): string => `${count} ${count === 1 ? 'channel' : 'channels'}`;

function channelsGiven(image: unknown): number {
  if (image instanceof Tensor) return (image as Tensor).shape.at(-1)!;
  const { data, height, width, channels } = image as ImagePixels;
  return channels ?? data.length / (height * width);
}

function pictureOfPixels(where: string, image: unknown, channels: number): Picture {
  if (typeof image !== 'object' || image === null || !('data' in image)) {
    throw new TypeError(
      `${where} must be a tensor [height, width, channels], or an object with data, width and height such as an ImageData, ` +
        `but got ${describeValue(image)}.`,
    );
  }
  const pixels = image as ImagePixels;
  const range = pixelRangeOf(pixels.data);
  if (range === undefined) {
    throw new TypeError(
      `${where}: data must be an array of 8-bit, 16-bit or float pixels, but got ${describeValue(pixels.data)}.`,
    );
  }
  const height = checkWhole(`${where}: height`, pixels.height, { least: 1 });
  const width = checkWhole(`${where}: width`, pixels.width, { least: 1 });
  const count = pixels.data.length / (height * width);
  const own = pixels.channels ?? count;
  if (own !== count || ![1, 2, 3, 4].includes(own)) {
    throw new RangeError(
      `${where}: data must hold 1 to 4 values for each of ${describeSize([height, width])} pixels` +
        `${pixels.channels === undefined ? '' : `, ${pixels.channels} as channels says`}, but got ${pixels.data.length}.`,
    );
  }
  if (range === 1) checkPixels(`${where}: data`, pixels.data);
  const colours = own - (own % 2 === 0 ? 1 : 0); // alpha is the last of 2 or 4
  if (colours !== channels && channels !== 1) {
    throw new RangeError(`${where} has ${channelsText(own)}, but the model takes ${channels}.`);
  }
  const data = new Float32Array(height * width * channels);
  const { data: from } = pixels;
  for (let pixel = 0; pixel < height * width; pixel++) {
    const at = pixel * own;
    if (colours === channels) {
      for (let c = 0; c < channels; c++) data[pixel * channels + c] = from[at + c]! / range;
    } else {
      data[pixel] = (0.299 * from[at]! + 0.587 * from[at + 1]! + 0.114 * from[at + 2]!) / range;
    }
  }
  return { height, width, channels, data };
}

/** Losses take pixels in [0, 1], as the standardising layers and thresholds do. */
function checkPixels(where: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value >= 0 && value <= 1) continue;
    const hint =
      value > 1 && Number.isInteger(value)
        ? '; divide 8-bit pixels by 255'
        : Number.isFinite(value)
          ? '; clip them, if resizing brought them beyond'
          : '';
    throw new RangeError(`${where} must hold pixels in [0, 1], but got ${value} at position ${i}${hint}.`);
  }
}
