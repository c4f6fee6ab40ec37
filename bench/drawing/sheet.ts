import sharp from 'sharp';
import type { OverlayOptions, Sharp } from 'sharp';

/** A white sheet with pictures on it and, above them, elements of SVG. */
export function sheet(
  size: { readonly width: number; readonly height: number },
  pictures: readonly OverlayOptions[],
  elements: readonly string[],
): Sharp {
  const { width, height } = size;
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${elements.join('')}</svg>`;
  return sharp({ create: { width, height, channels: 3, background: '#fff' } }).composite([
    ...pictures,
    { input: Buffer.from(drawing), left: 0, top: 0 },
  ]);
}
