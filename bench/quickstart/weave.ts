import type { Dataset, Picture, TestPicture } from './dataset.js';
import { between, normal, randomFrom } from './random.js';
import type { Random } from './random.js';

/**
 * Woven cloth, drawn yarn by yarn: warp (vertical) and weft (horizontal) yarns take turns to lie on top.
 * Yarns vary in place, brightness and thickness, the light is uneven, and the camera adds noise.
 */

/** Defects that leave the grey values as they are, and defects that change them. */
export const defectKinds = ['broken weave', 'missing yarn', 'shifted patch', 'stain', 'hole'] as const;
export type DefectKind = (typeof defectKinds)[number];

const spacing = 8; // pixels from yarn to yarn

interface Yarn {
  readonly centre: number;
  readonly radius: number;
  readonly brightness: number;
}

interface Cloth {
  readonly size: number;
  readonly warp: readonly Yarn[];
  readonly weft: readonly Yarn[];
  readonly light: (row: number, column: number) => number;
}

/** What a defect does to a cloth; every hook is optional. */
interface Defect {
  /** Does the warp yarn lie on top at this crossing? Normally at every second one. */
  readonly warpOnTop?: (
    warpIndex: number,
    weftIndex: number,
    row: number,
    column: number,
  ) => boolean | undefined;
  readonly missingWarp?: (warpIndex: number, row: number) => boolean;
  /** Where the camera looks instead of here. */
  readonly displaced?: (row: number, column: number) => readonly [number, number];
  readonly shade?: (row: number, column: number) => number;
  readonly mask: (row: number, column: number) => boolean;
}

/** Train images, good test images, and as many test images of each kind of defect. */
export function weaveDataset(
  seed: number,
  {
    size = 128,
    train = 64,
    good = 10,
    ofEachKind = 6,
  }: { size?: number; train?: number; good?: number; ofEachKind?: number } = {},
): Dataset {
  const random = randomFrom(seed);
  const picture = (): Picture => render(clothOf(size, random), undefined, random).picture;
  const tested = (kind: DefectKind | 'good', index: number): TestPicture => {
    const cloth = clothOf(size, random);
    const defect = kind === 'good' ? undefined : defectOf(kind, cloth, random);
    const { picture: drawn, mask } = render(cloth, defect, random);
    return { ...drawn, mask, kind, name: `${kind} ${index + 1}` };
  };
  return {
    name: 'seeded woven fabric',
    train: Array.from({ length: train }, picture),
    test: [
      ...Array.from({ length: good }, (_, index) => tested('good', index)),
      ...defectKinds.flatMap((kind) => Array.from({ length: ofEachKind }, (_, index) => tested(kind, index))),
    ],
  };
}

function clothOf(size: number, random: Random): Cloth {
  const yarns = (brightness: number): Yarn[] => {
    const phase = between(random, 0, 2 * spacing); // two spacings: which yarn lies on top is part of the phase
    return Array.from({ length: Math.ceil(size / spacing) + 5 }, (_, index) => ({
      centre: (index - 2) * spacing - phase + 0.25 * normal(random),
      radius: spacing * between(random, 0.44, 0.5),
      brightness: brightness * (1 + 0.05 * normal(random)),
    }));
  };
  const warp = yarns(1);
  const weft = yarns(0.85);
  const [angle, slope, wave] = [
    between(random, 0, 2 * Math.PI),
    between(random, 0.08, 0.16),
    between(random, 0, 2 * Math.PI),
  ];
  const light = (row: number, column: number): number => {
    const [u, v] = [row / size - 0.5, column / size - 0.5];
    return (
      1 + slope * (2 * (u * Math.sin(angle) + v * Math.cos(angle)) + 0.5 * Math.sin(4 * u + 3 * v + wave))
    );
  };
  return { size, warp, weft, light };
}

function render(
  cloth: Cloth,
  defect: Defect | undefined,
  random: Random,
): { readonly picture: Picture; readonly mask: Uint8Array } {
  const { size } = cloth;
  const data = new Float32Array(size * size);
  const mask = new Uint8Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const k = row * size + column;
      const [r, c] = defect?.displaced?.(row, column) ?? [row, column];
      const value =
        brightnessAt(cloth, defect, r, c) * cloth.light(row, column) * (defect?.shade?.(row, column) ?? 1);
      data[k] = Math.min(1, Math.max(0, value + 0.015 * normal(random)));
      mask[k] = defect?.mask(row, column) ? 1 : 0;
    }
  }
  return { picture: { height: size, width: size, channels: 1, data }, mask };
}

/** The yarn on top at a place, lit from above: bright along its middle and where it rises. */
function brightnessAt(cloth: Cloth, defect: Defect | undefined, row: number, column: number): number {
  const i = nearest(cloth.warp, column);
  const j = nearest(cloth.weft, row);
  const [warp, weft] = [cloth.warp[i]!, cloth.weft[j]!];
  const [u, v] = [(column - warp.centre) / warp.radius, (row - weft.centre) / weft.radius];
  const warpOnTop = defect?.warpOnTop?.(i, j, row, column) ?? (i + j) % 2 === 0;
  const warpThere = Math.abs(u) < 1 && !defect?.missingWarp?.(i, row);
  const weftThere = Math.abs(v) < 1;
  // Across a yarn it is round; along it, it rises over the crossing in the middle of the other yarn.
  const lit = (yarn: Yarn, across: number, along: number, above: boolean): number =>
    yarn.brightness *
    (0.25 + 0.45 * Math.sqrt(1 - across * across) * (above ? 1 - 0.35 * Math.min(1, along * along) : 0.55));
  if (warpThere && (warpOnTop || !weftThere)) return lit(warp, u, v, warpOnTop);
  if (weftThere) return lit(weft, v, u, !warpOnTop || !warpThere);
  return 0.18; // the gap between yarns
}

function nearest(yarns: readonly Yarn[], position: number): number {
  let best = 0;
  for (let index = 1; index < yarns.length; index++) {
    if (Math.abs(yarns[index]!.centre - position) < Math.abs(yarns[best]!.centre - position)) best = index;
  }
  return best;
}

function defectOf(kind: DefectKind, { size, warp }: Cloth, random: Random): Defect {
  const radius = between(random, 0.09, 0.14) * size;
  const [row0, column0] = [between(random, 0.25, 0.75) * size, between(random, 0.25, 0.75) * size];
  const distance = blob(row0, column0, radius, random);
  const inside = (row: number, column: number): boolean => distance(row, column) < 1;
  switch (kind) {
    case 'broken weave':
      // A mispick: every yarn passes over where it should pass under.
      return {
        warpOnTop: (i, j, row, column) => (inside(row, column) ? (i + j) % 2 === 1 : undefined),
        mask: inside,
      };
    case 'missing yarn': {
      const gone = nearest(warp, column0);
      const { centre } = warp[gone]!;
      const half = between(random, 0.15, 0.3) * size;
      return {
        missingWarp: (i, row) => i === gone && Math.abs(row - row0) < half,
        mask: (row, column) => Math.abs(column - centre) < spacing / 2 && Math.abs(row - row0) < half,
      };
    }
    case 'shifted patch': {
      // Half a yarn down and to the side, as where cloth was mended.
      const [down, right] = [between(random, 0.4, 0.6) * spacing, between(random, 0.4, 0.6) * spacing];
      return {
        displaced: (row, column) => (inside(row, column) ? [row + down, column + right] : [row, column]),
        mask: inside,
      };
    }
    case 'stain': {
      // Darkest in the middle, with a soft rim of a few pixels.
      const dark = between(random, 0.35, 0.5);
      return {
        shade: (row, column) => 1 - dark * Math.max(0, Math.min(1, (1.1 - distance(row, column)) / 0.3)),
        mask: inside,
      };
    }
    case 'hole':
      return { shade: (row, column) => (inside(row, column) ? 0.25 : 1), mask: inside };
  }
}

/** A patch with an uneven rim: below 1 inside, 1 on the rim. */
function blob(
  row0: number,
  column0: number,
  radius: number,
  random: Random,
): (row: number, column: number) => number {
  const waves = [2, 3, 5].map((count) => ({
    count,
    size: between(random, 0, 0.12),
    phase: between(random, 0, 2 * Math.PI),
  }));
  return (row, column) => {
    const angle = Math.atan2(row - row0, column - column0);
    const rim = waves.reduce(
      (sum, { count, size, phase }) => sum + size * Math.sin(count * angle + phase),
      1,
    );
    return Math.hypot(row - row0, column - column0) / (radius * rim);
  };
}
