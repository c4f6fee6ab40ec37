import { randomFrom } from '../../running/random.js';

/** Sizes of the data that every row gets. */
export interface Sizes {
  readonly scores: number;
  readonly images: number;
  readonly side: number;
  readonly mask: number;
}

/** Scores of two classes that overlap; one in fifty is defective, as pixels are. */
export function labelledScores({ scores: count }: Sizes): { scores: Float32Array; labels: Uint8Array } {
  const random = randomFrom(1);
  const labels = Uint8Array.from({ length: count }, () => (random() < 0.02 ? 1 : 0));
  const scores = Float32Array.from(labels, (label) => random() + random() + 0.4 * label);
  return { scores, labels };
}

/** Residual maps, half of them with a few round defects that score higher. */
export function mapsAndMasks({ images, side }: Sizes): { maps: Float32Array; masks: Uint8Array } {
  const random = randomFrom(2);
  const pixels = side * side;
  const [maps, masks] = [new Float32Array(images * pixels), new Uint8Array(images * pixels)];
  for (let image = 0; image < images; image++) {
    const offset = image * pixels;
    for (let defect = 0; image % 2 === 0 && defect < 4; defect++) {
      const [y, x, r] = [random() * side, random() * side, (0.01 + 0.05 * random()) * side];
      for (let v = Math.max(0, Math.ceil(y - r)); v < Math.min(side, y + r); v++) {
        for (let u = Math.max(0, Math.ceil(x - r)); u < Math.min(side, x + r); u++) {
          if ((v - y) ** 2 + (u - x) ** 2 < r * r) masks[offset + v * side + u] = 1;
        }
      }
    }
    for (let i = offset; i < offset + pixels; i++) maps[i] = random() * random() + 0.15 * masks[i]!;
  }
  return { maps, masks };
}

/** A mask of winding shapes of many widths, with specks. */
export function windingMask({ mask: side }: Sizes): Uint8Array {
  const random = randomFrom(3);
  const mask = new Uint8Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const wave = Math.sin(y / 37 + Math.sin(x / 91)) * Math.cos(x / 29) + Math.sin((x + 2 * y) / 300);
      mask[y * side + x] = wave > 0.3 !== random() < 0.002 ? 1 : 0;
    }
  }
  return mask;
}
