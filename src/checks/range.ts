import { getBackend, max, min, tidy } from '@tensorflow/tfjs-core';
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
    const [least, most] = [min, max].map((of) => tidy(() => of(image).dataSync()[0]!)) as [number, number];
    // Written so that NaN is reported too.
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
