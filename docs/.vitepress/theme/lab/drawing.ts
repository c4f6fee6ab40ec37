/** A map over a picture, as arrays hold it. */
export interface MapOver {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

export function put(canvas: HTMLCanvasElement, image: ImageData): void {
  Object.assign(canvas, { width: image.width, height: image.height });
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}

/** Red, the stronger the higher the map, from 0 to 1; what the mask holds in yellow. */
export function colouredMap({ data, width, height }: MapOver, mask: ArrayLike<number>): ImageData {
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < data.length; pixel++) {
    const strength = Math.max(0, Math.min(1, data[pixel]!));
    image.data.set([255, mask[pixel] ? 190 : 40, 0, 255 * strength], 4 * pixel);
  }
  return image;
}
