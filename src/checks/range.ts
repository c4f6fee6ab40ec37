import { getBackend } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Pixels must lie in [0, dataRange]. Reads them, so it waits for the device: for development.
 *
 * Rounding may take a pixel a little out of the range.
 */
export function checkPixelRange(
  functionName: string,
  images: Readonly<Record<string, Tensor>>,
  dataRange: number,
): void {
  if (getBackend() === 'webgpu') {
    throw new RangeError(
      `${functionName}: checkRange reads pixels while it is called, which the webgpu backend cannot; ` +
        `leave it out there, or check once on another backend.`,
    );
  }
  const tolerance = 1e-4 * dataRange;
  for (const [name, image] of Object.entries(images)) {
    const { least, most, nan } = extremesOf(image.dataSync<'float32'>());
    if (nan > 0) {
      throw new RangeError(
        `${functionName}: ${name} has NaN in ${nan} of its ${image.size} pixels, outside of [0, ${dataRange}]; ` +
          `look where they come from: a division by 0, or a training that diverged.`,
      );
    }
    if (least >= -tolerance && most <= dataRange + tolerance) continue;
    const hint =
      least < -tolerance
        ? 'shift and scale the pixels to begin at 0'
        : most > 1 && dataRange === 1
          ? 'divide the pixels by 255, or give { dataRange: 255 }'
          : 'give the range that the pixels have';
    throw new RangeError(
      `${functionName}: ${name} has pixels from ${least} to ${most}, outside of [0, ${dataRange}]; ${hint}.`,
    );
  }
}

/** Counted here, since min and max of some backends pass over NaN. */
function extremesOf(pixels: Float32Array): { least: number; most: number; nan: number } {
  let [least, most, nan] = [Infinity, -Infinity, 0];
  for (const pixel of pixels) {
    if (pixel < least) least = pixel;
    if (pixel > most) most = pixel;
    if (pixel !== pixel) nan++;
  }
  return { least, most, nan };
}
