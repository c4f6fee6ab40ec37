import { normal, randomFrom } from '../../running/random.js';
import { pixelsOf } from './shapes.js';
import type { Shape } from './shapes.js';

/** What every row gets: images in [0, 1] and the window that they are compared with. */
export interface Workload {
  readonly shape: Shape;
  readonly windowSize: number;
  readonly windowType?: 'gaussian' | 'uniform';
  /** The image, NHWC. */
  readonly x: Float32Array;
  /** Its reconstruction: the image with noise of deviation 0.05. */
  readonly y: Float32Array;
}

/** Seeded images with smooth parts, edges and a little noise, as photographs have. */
export function workloadOf(shape: Shape, windowSize = 11): Workload {
  const [, height, width, channels] = shape;
  const random = randomFrom(1);
  const waves = Array.from({ length: 4 }, (_, k) => ({
    down: 2 ** (k + 2) * (1 + random()),
    across: 2 ** (k + 2) * (1 + random()),
    phase: 6.3 * random(),
    weight: 0.06 * (k + 1),
  }));
  const rows = waves.map(({ down, phase }) =>
    Float32Array.from({ length: height }, (_, row) => Math.sin(row / down + phase)),
  );
  const columns = waves.map(({ across, weight }) =>
    Float32Array.from({ length: width }, (_, column) => weight * Math.cos(column / across)),
  );
  const clipped = (value: number): number => Math.min(1, Math.max(0, value));

  const x = new Float32Array(pixelsOf(shape));
  const y = new Float32Array(x.length);
  for (let k = 0; k < x.length; k++) {
    const column = Math.floor(k / channels) % width;
    const row = Math.floor(k / (channels * width)) % height;
    let value = 0.5 + 0.05 * (k % channels);
    for (let wave = 0; wave < waves.length; wave++) value += rows[wave]![row]! * columns[wave]![column]!;
    x[k] = clipped(value + 0.02 * normal(random));
    y[k] = clipped(x[k]! + 0.05 * normal(random));
  }
  return { shape, windowSize, x, y };
}

export interface RgbaImage {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** The images of a batch as 8-bit RGBA, gray ones with three equal channels. */
export function rgbaImages([batch, height, width, channels]: Shape, values: Float32Array): RgbaImage[] {
  return Array.from({ length: batch }, (_, n) => {
    const data = new Uint8ClampedArray(4 * height * width);
    for (let k = 0; k < height * width; k++) {
      for (let c = 0; c < 3; c++) {
        data[4 * k + c] = 255 * values[(n * height * width + k) * channels + (channels === 3 ? c : 0)]!;
      }
      data[4 * k + 3] = 255;
    }
    return { data, width, height };
  });
}
