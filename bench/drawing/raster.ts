import { interpolateInferno } from 'd3-scale-chromatic';
import type { Picture, TestPicture } from '../pictures/dataset.js';
import type { HeatScale } from './heatScale.js';

export function inputPixels({ channels }: Picture, data: Float32Array): Buffer {
  const count = data.length / channels;
  const rgb = Buffer.alloc(3 * count);
  for (let k = 0; k < count; k++) {
    for (let c = 0; c < 3; c++) {
      const value = data[k * channels + (channels === 1 ? 0 : c)]!;
      rgb[3 * k + c] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
  }
  return rgb;
}

export function maskPixels(mask: Uint8Array): Buffer {
  const rgb = Buffer.alloc(3 * mask.length, 235);
  mask.forEach((value, k) => {
    if (value === 1) rgb.set([200, 30, 30], 3 * k);
  });
  return rgb;
}

/** The heat map with the rim of the true defect drawn on it. */
export function mapPixels(
  { mask, width, height }: TestPicture,
  map: Float32Array,
  { dark, bright }: HeatScale,
): Buffer {
  const rgb = Buffer.alloc(3 * map.length);
  map.forEach((value, k) => {
    const share = Math.min(1, Math.max(0, (value - dark) / (bright - dark)));
    rgb.set(inferno(share), 3 * k);
  });
  const at = (row: number, column: number): number =>
    row < 0 || column < 0 || row >= height || column >= width ? 0 : mask[row * width + column]!;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const rim =
        at(row, column) === 0 &&
        at(row - 1, column) + at(row + 1, column) + at(row, column - 1) + at(row, column + 1) > 0;
      if (rim) rgb.set([80, 230, 255], 3 * (row * width + column));
    }
  }
  return rgb;
}

/** Red, green and blue of 0 to 1. */
export function inferno(share: number): number[] {
  const colour = interpolateInferno(share);
  // d3 gives '#rrggbb' or 'rgb(r, g, b)'.
  if (colour.startsWith('#')) return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
  return (colour.match(/\d+/g) ?? []).map(Number);
}
