import { between, normal, randomFrom } from '../running/random.js';
import type { Random } from '../running/random.js';
import type { Dataset, Picture, TestPicture } from './dataset.js';

/*
 * Plain cloth of one colour, drawn yarn by yarn: warp yarns (down the image) and weft yarns (across it) take
 * turns to lie on top. Yarns lie, bend and shine a little differently each, the light is uneven, and the camera
 * blurs and adds noise. Mean and contrast are about those of photographs of real cloth.
 */

/** Defects that keep the grey values and change how they are arranged, then defects that change them. */
export const structuralKinds = ['broken_weave', 'missing_yarn', 'shifted_patch'] as const;
export const greyKinds = ['stain', 'hole'] as const;
export const defectKinds = [...structuralKinds, ...greyKinds] as const;
export type DefectKind = (typeof defectKinds)[number];

/** Pixels from yarn to yarn. */
const SPACING = 8;
const NOISE = 0.01;

export interface WeaveOptions {
  /** Height and width of an image, in pixels. */
  readonly size?: number;
  readonly train?: number;
  readonly good?: number;
  readonly ofEachKind?: number;
}

/** Images to train on, images without defects to test on, and as many with each kind of defect. */
export function weaveDataset(
  seed: number,
  { size = 128, train = 80, good = 10, ofEachKind = 8 }: WeaveOptions = {},
): Dataset {
  const random = randomFrom(seed);
  const numbered = (count: number, kind: DefectKind | 'good'): TestPicture[] =>
    Array.from({ length: count }, (_, index) => weavePicture(random, kind, size, `${kind}/${index + 1}`));
  return {
    name: `seeded woven fabric (seed ${seed})`,
    photographs: false,
    notes: [],
    train: numbered(train, 'good'),
    test: [...numbered(good, 'good'), ...defectKinds.flatMap((kind) => numbered(ofEachKind, kind))],
  };
}

/** One image of cloth; `flawless` is the same cloth, light and noise without the defect. */
export function weavePicture(
  random: Random,
  kind: DefectKind | 'good',
  size: number,
  name: string,
): TestPicture & { readonly flawless: Picture } {
  const cloth = clothOf(size, random);
  const defect = kind === 'good' ? soundCloth : defectOf(kind, cloth, random);
  const noise = Float32Array.from({ length: size * size }, () => NOISE * normal(random));
  const mask = new Uint8Array(size * size);
  for (let k = 0; k < mask.length; k++) mask[k] = defect.mask(Math.floor(k / size), k % size) ? 1 : 0;
  const flawless = photographed(cloth, soundCloth, noise);
  return { ...(kind === 'good' ? flawless : photographed(cloth, defect, noise)), mask, kind, name, flawless };
}

/** A number at every place. */
type Field = (row: number, column: number) => number;

interface Yarn {
  /** Where its middle runs, by the place along it. */
  readonly middle: (along: number) => number;
  readonly radius: number;
  readonly shine: (along: number) => number;
}

interface Cloth {
  readonly size: number;
  readonly warp: readonly Yarn[];
  readonly weft: readonly Yarn[];
  readonly light: Field;
}

/** What a defect does to a cloth. */
interface Defect {
  readonly mask: (row: number, column: number) => boolean;
  /** Are warp and weft exchanged at this place? */
  readonly exchanged?: (row: number, column: number) => boolean;
  readonly missing?: (warpIndex: number, row: number) => boolean;
  /** Where the cloth comes from that lies here. */
  readonly origin?: (row: number, column: number) => readonly [number, number];
  /** What becomes of the brightness. */
  readonly shade?: (value: number, row: number, column: number) => number;
}

const soundCloth: Defect = { mask: () => false };

function clothOf(size: number, random: Random): Cloth {
  const yarns = (): Yarn[] => {
    const phase = between(random, 0, 2 * SPACING); // two yarns, so that it decides which of them is on top
    return Array.from({ length: Math.ceil(size / SPACING) + 6 }, (_, index) => {
      const place = (index - 2) * SPACING - phase + 0.3 * normal(random);
      const bend = wave(random, 0.25, 40);
      const gloss = wave(random, 0.03, 25);
      const own = 1 + 0.06 * normal(random);
      return {
        middle: tabulated(size, (along) => place + bend(along)),
        radius: SPACING * between(random, 0.47, 0.53),
        shine: tabulated(size, (along) => own + gloss(along)),
      };
    });
  };
  const [warp, weft] = [yarns(), yarns()];
  const angle = between(random, 0, 2 * Math.PI);
  const slope = between(random, 0.05, 0.15);
  const [across, down] = [wave(random, 0.03, size), wave(random, 0.03, size)];
  const light: Field = (row, column) =>
    1 +
    (2 * slope * ((row - size / 2) * Math.sin(angle) + (column - size / 2) * Math.cos(angle))) / size +
    across(column) +
    down(row);
  return { size, warp, weft, light };
}

/** A function of the place along a yarn, worked out once per pixel: it is asked for at every pixel. */
function tabulated(size: number, value: (along: number) => number): (along: number) => number {
  const values = Float64Array.from({ length: size + 2 * SPACING }, (_, k) => value(k));
  return (along) => values[Math.min(values.length - 1, Math.round(along))]!;
}

/** A smooth random curve of about this deviation and wave length. */
function wave(random: Random, deviation: number, length: number): (place: number) => number {
  const parts = [1, 1.7].map((rate) => ({
    height: deviation * normal(random),
    rate: (rate * 2 * Math.PI) / (length * between(random, 0.8, 1.25)),
    phase: between(random, 0, 2 * Math.PI),
  }));
  return (place) =>
    parts.reduce((sum, { height, rate, phase }) => sum + height * Math.sin(rate * place + phase), 0);
}

function photographed(cloth: Cloth, defect: Defect, noise: Float32Array): Picture {
  const { size, light } = cloth;
  const sharp = new Float32Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const [r, c] = defect.origin?.(row, column) ?? [row, column];
      const value = 0.5 * brightness(cloth, defect, r, c) * light(row, column);
      sharp[row * size + column] = defect.shade?.(value, row, column) ?? value;
    }
  }
  const data = blurred(sharp, size);
  for (let k = 0; k < data.length; k++) data[k] = Math.min(1, Math.max(0, data[k]! + noise[k]!));
  return { height: size, width: size, channels: 1, data };
}

/** How bright the upper yarn is here, lit from the upper left; 1 on the average. */
function brightness({ warp, weft }: Cloth, defect: Defect, row: number, column: number): number {
  const i = nearest(warp, column, row);
  const j = nearest(weft, row, column);
  const [w, f] = [warp[i]!, weft[j]!];
  const u = (column - w.middle(row)) / w.radius;
  const v = (row - f.middle(column)) / f.radius;
  const gone = defect.missing?.(i, row) ?? false;
  // Where nothing presses them down, the crossing yarns run narrow and straight across the gap.
  const weftThere = Math.abs(v) < (gone ? 0.87 : 1);
  const warpThere = Math.abs(u) < 1 && !gone;
  const warpAbove = ((i + j) % 2 === 0) !== (defect.exchanged?.(row, column) ?? false);
  if (warpThere && (warpAbove || !weftThere)) return w.shine(row) * round(u, v, warpAbove, -0.1);
  if (weftThere) return f.shine(column) * round(v, u, !warpAbove || gone, gone ? 0 : 0.1);
  return 0.5; // between the yarns
}

/** A yarn is round across, and along it dips where it goes below the next one. */
function round(across: number, along: number, above: boolean, facing: number): number {
  const height = above ? 1 - 0.3 * along * along : 0.45;
  return 0.65 + 0.42 * Math.sqrt(1 - across * across) * height - 0.08 * across + facing;
}

function nearest(yarns: readonly Yarn[], position: number, along: number): number {
  const guess = Math.round((position - yarns[0]!.middle(along)) / SPACING);
  let best = -1;
  let least = Infinity;
  for (let index = Math.max(0, guess - 1); index <= Math.min(yarns.length - 1, guess + 1); index++) {
    const distance = Math.abs(yarns[index]!.middle(along) - position);
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}

/** The lens: 1 2 1 along both axes. */
function blurred(data: Float32Array, size: number): Float32Array {
  const pass = (from: Float32Array, step: number, place: (k: number) => number): Float32Array =>
    from.map((value, k) => {
      const before = place(k) > 0 ? from[k - step]! : value;
      const after = place(k) < size - 1 ? from[k + step]! : value;
      return (before + 2 * value + after) / 4;
    });
  return pass(
    pass(data, 1, (k) => k % size),
    size,
    (k) => Math.floor(k / size),
  );
}

function defectOf(kind: DefectKind, { size, warp }: Cloth, random: Random): Defect {
  const [row0, column0] = [between(random, 0.22, 0.78) * size, between(random, 0.22, 0.78) * size];
  const distance = blob(row0, column0, between(random, 0.1, 0.16) * size, random);
  const inside = (row: number, column: number): boolean => distance(row, column) < 1;
  switch (kind) {
    case 'broken_weave':
      // The loom lifted the wrong yarns: over is under.
      return { mask: inside, exchanged: inside };
    case 'missing_yarn': {
      const gone = nearest(warp, column0, row0);
      const half = between(random, 0.15, 0.3) * size;
      const reached = (row: number): boolean => Math.abs(row - row0) < half;
      return {
        mask: (row, column) => reached(row) && nearest(warp, column, row) === gone,
        missing: (index, row) => index === gone && reached(row),
      };
    }
    case 'shifted_patch': {
      // Mended, but half a yarn beside the place.
      const [down, right] = [between(random, 0.4, 0.6) * SPACING, between(random, 0.4, 0.6) * SPACING];
      return {
        mask: inside,
        origin: (row, column) => (inside(row, column) ? [row + down, column + right] : [row, column]),
      };
    }
    case 'stain': {
      const depth = between(random, 0.25, 0.4);
      // Even inside, with a soft rim.
      const soaked = (row: number, column: number): number =>
        Math.min(1, Math.max(0, (1 - distance(row, column)) / 0.25));
      return { mask: inside, shade: (value, row, column) => value * (1 - depth * soaked(row, column)) };
    }
    case 'hole':
      // The dark table shows.
      return { mask: inside, shade: (value, row, column) => (inside(row, column) ? 0.15 : value) };
  }
}

/** A patch with an uneven rim: below 1 inside, 1 on the rim. */
function blob(row0: number, column0: number, radius: number, random: Random): Field {
  const waves = [2, 3, 5].map((count) => ({
    count,
    height: between(random, 0, 0.12),
    phase: between(random, 0, 2 * Math.PI),
  }));
  return (row, column) => {
    const angle = Math.atan2(row - row0, column - column0);
    const rim = waves.reduce(
      (sum, { count, height, phase }) => sum + height * Math.sin(count * angle + phase),
      1,
    );
    return Math.hypot(row - row0, column - column0) / (radius * rim);
  };
}
