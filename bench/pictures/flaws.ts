import { between, normal, randomFrom } from '../running/random.js';
import type { Random } from '../running/random.js';
import { soundPicture, statisticsOf } from './dataset.js';
import type { MaskedPicture, Picture, TestPicture } from './dataset.js';

/*
 * Defects as they come about: cloth is pulled, yarns are missing, surfaces crack, dirt falls on them. They share neither code nor
 * shapes with what spoils patches in training, so that a model is not judged by what it was taught.
 */

/** What a flaw makes of the pixels: where each comes from, what is done to its value, and where it counts as defective. */
interface Flaw {
  /** How far from here, down and across, the pixel comes from. */
  readonly pull?: (row: number, column: number) => readonly [down: number, across: number];
  /** The value, in standard deviations from the mean of the picture. */
  readonly shade?: (value: number, row: number, column: number) => number;
  readonly mask: (row: number, column: number) => boolean;
}

/** A number at every place. */
type Field = (row: number, column: number) => number;

interface Place {
  readonly row: number;
  readonly column: number;
  readonly side: number;
}

const flaws = {
  crack,
  missing_yarn: missingYarn,
  slack_yarn: slackYarn,
  pulled,
  knot,
  dirt,
  worn,
  fibre,
} as const satisfies Record<string, (place: Place, random: Random) => Flaw>;

export type FlawKind = keyof typeof flaws;
export const flawKinds = Object.keys(flaws) as FlawKind[];

/** The good pictures, and `times` of each with a flaw in it: kinds take turns. */
export function withFlaws(good: readonly Picture[], times: number, seed: number): TestPicture[] {
  const random = randomFrom(seed);
  const sound = good.map(soundPicture);
  const flawed = Array.from({ length: times * good.length }, (_, index): TestPicture => {
    const kind = flawKinds[index % flawKinds.length]!;
    return { ...flawedPicture(good[index % good.length]!, kind, random), kind, name: `${kind}/${index}` };
  });
  return [...sound, ...flawed];
}

function flawedPicture(picture: Picture, kind: FlawKind, random: Random): MaskedPicture {
  const { height, width, channels, data } = picture;
  const place = {
    row: between(random, 0.15, 0.85) * height,
    column: between(random, 0.15, 0.85) * width,
    side: Math.min(height, width, 128),
  };
  const { pull, shade, mask: inside } = flaws[kind](place, random);
  const { mean, deviation } = statisticsOf(data);
  const changed = data.slice();
  const mask = new Uint8Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (inside(row, column)) mask[row * width + column] = 1;
      const [down, across] = pull?.(row, column) ?? [0, 0];
      for (let c = 0; c < channels; c++) {
        const value = (interpolated(picture, row + down, column + across, c) - mean) / deviation;
        const shaded = mean + deviation * (shade?.(value, row, column) ?? value);
        changed[(row * width + column) * channels + c] = Math.min(1, Math.max(0, shaded));
      }
    }
  }
  return { height, width, channels, data: changed, mask };
}

/** A dark line that wanders, narrows and forks. */
function crack({ row, column, side }: Place, random: Random): Flaw {
  const points: { row: number; column: number; half: number }[] = [];
  const walk = (
    from: { row: number; column: number },
    heading: number,
    steps: number,
    half: number,
  ): void => {
    let [r, c, angle] = [from.row, from.column, heading];
    for (let k = 0; k < steps; k++) {
      angle += 0.25 * normal(random) + 0.1 * (heading - angle);
      [r, c] = [r + Math.sin(angle), c + Math.cos(angle)];
      points.push({ row: r, column: c, half: half * (1 - (0.6 * k) / steps) * between(random, 0.7, 1.3) });
      if (half > 0.8 && random() < 0.015)
        walk({ row: r, column: c }, angle + (random() < 0.5 ? 0.8 : -0.8), steps / 3, 0.7 * half);
    }
  };
  const heading = between(random, 0, 2 * Math.PI);
  const length = between(random, 0.15, 0.4) * side;
  const half = between(random, 0.6, 1.8);
  walk({ row, column }, heading, length, half);
  walk({ row, column }, heading + Math.PI, length, half);
  const depth = between(random, 1.2, 3);
  const cover = (r: number, c: number): number =>
    points.reduce((most, p) => {
      const [down, across] = [r - p.row, c - p.column];
      if (Math.abs(down) > 4 || Math.abs(across) > 4) return most;
      return Math.max(most, Math.min(1, p.half + 0.5 - Math.hypot(down, across)));
    }, 0);
  return { shade: (value, r, c) => value - depth * cover(r, c), mask: (r, c) => cover(r, c) > 0.3 };
}

/** Along an axis a strip is gone, and its neighbours spread over the gap. */
function missingYarn({ row, column, side }: Place, random: Random): Flaw {
  const along = between(random, 0.25, 0.5) * side;
  const gap = between(random, 2, 5);
  const vertical = random() < 0.5;
  const thin = between(random, 0, 1);
  const place = (r: number, c: number): readonly [number, number] => {
    const [l, a] = vertical ? [r - row, c - column] : [c - column, r - row];
    return [Math.min(1, Math.max(0, (along - Math.abs(l)) / 4)), a];
  };
  return {
    pull: (r, c) => {
      const [share, across] = place(r, c);
      // From the very middle outwards by half of the gap, less and less further out.
      const shift = share * Math.sign(across) * (gap / 2) * Math.exp(-Math.abs(across) / (1.5 * gap));
      return vertical ? [0, shift] : [shift, 0];
    },
    shade: (value, r, c) => {
      const [share, across] = place(r, c);
      return value - thin * share * Math.exp(-((across / gap) ** 2));
    },
    mask: (r, c) => {
      const [share, across] = place(r, c);
      return share > 0.5 && Math.abs(across) < 1.2 * gap;
    },
  };
}

/** Along an axis the cloth lies in waves. */
function slackYarn({ row, column, side }: Place, random: Random): Flaw {
  const along = between(random, 0.15, 0.4) * side;
  const half = between(random, 3, 7);
  const height = between(random, 1.5, 3.5);
  const rate = (2 * Math.PI) / between(random, 9, 23);
  const phase = between(random, 0, 2 * Math.PI);
  const vertical = random() < 0.5;
  const place = (r: number, c: number): readonly [number, number] =>
    vertical ? [r - row, c - column] : [c - column, r - row];
  return {
    pull: (r, c) => {
      const [l, a] = place(r, c);
      const shift = height * Math.sin(rate * l + phase) * Math.exp(-((a / half) ** 2) - (l / along) ** 4);
      return vertical ? [0, shift] : [shift, 0];
    },
    mask: (r, c) => {
      const [l, a] = place(r, c);
      return Math.abs(l) < along && Math.abs(a) < half;
    },
  };
}

/** Drawn together towards a point, or twisted around it. */
function pulled({ row, column, side }: Place, random: Random): Flaw {
  const radius = between(random, 0.06, 0.14) * side;
  const strength = between(random, 0.35, 0.7) * (random() < 0.5 ? -1 : 1);
  const twist = between(random, 0, Math.PI);
  const [cos, sin] = [strength * Math.cos(twist), strength * Math.sin(twist)];
  return {
    pull: (r, c) => {
      const [down, across] = [r - row, c - column];
      const share = Math.exp(-((Math.hypot(down, across) / radius) ** 2));
      return [share * (cos * down - sin * across), share * (cos * across + sin * down)];
    },
    mask: (r, c) => Math.hypot(r - row, c - column) < radius,
  };
}

/** A small relief in slanting light: bright on one side, dark on the other. */
function knot({ row, column }: Place, random: Random): Flaw {
  const radius = between(random, 1.8, 4.5);
  const [height, light] = [between(random, 2, 4), between(random, 0, 2 * Math.PI)];
  return {
    shade: (value, r, c) => {
      const [y, x] = [(r - row) / radius, (c - column) / radius];
      const relief = Math.exp(-(y * y + x * x) / 2);
      return value * (1 - 0.7 * relief) + height * relief * (0.3 + y * Math.sin(light) + x * Math.cos(light));
    },
    mask: (r, c) => Math.hypot(r - row, c - column) < 1.5 * radius,
  };
}

/** Brighter or darker within the level line of a smooth field. */
function dirt({ row, column, side }: Place, random: Random): Flaw {
  const cover = islandAt(row, column, between(random, 0.05, 0.13) * side, random);
  const tone = between(random, 0.8, 1.8) * (random() < 0.6 ? -1 : 1);
  return {
    shade: (value, r, c) => value + tone * Math.min(1, 2 * cover(r, c)),
    mask: (r, c) => cover(r, c) > 0.12,
  };
}

/** Within such a line, the texture has lost most of its contrast. */
function worn({ row, column, side }: Place, random: Random): Flaw {
  const cover = islandAt(row, column, between(random, 0.06, 0.13) * side, random);
  const kept = between(random, 0.15, 0.45);
  return {
    shade: (value, r, c) => value * (1 - (1 - kept) * Math.min(1, 3 * cover(r, c))),
    mask: (r, c) => cover(r, c) > 0.1,
  };
}

/** A hair in a loop, which lies on top and throws a shadow. */
function fibre({ row, column, side }: Place, random: Random): Flaw {
  const reach = between(random, 0.12, 0.3) * side;
  const ends = Array.from(
    { length: 4 },
    () => [row + reach * normal(random), column + reach * normal(random)] as const,
  );
  const points = Array.from({ length: 200 }, (_, k) => {
    const t = k / 199;
    const shares = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
    return [0, 1].map((axis) => shares.reduce((sum, share, end) => sum + share * ends[end]![axis]!, 0)) as [
      number,
      number,
    ];
  });
  const [half, tone] = [between(random, 0.5, 1.1), between(random, 1.5, 3) * (random() < 0.7 ? 1 : -1)];
  const near = (r: number, c: number): number =>
    points.reduce((least, [y, x]) => Math.min(least, Math.hypot(r - y, c - x)), Infinity);
  const cover = (r: number, c: number): number => Math.min(1, Math.max(0, half + 0.5 - near(r, c)));
  return {
    shade: (value, r, c) => value + tone * cover(r, c) - 0.3 * tone * cover(r - 1.5, c - 1.5),
    mask: (r, c) => near(r, c) < half + 0.5,
  };
}

/** How far a field of sines under a bell lies above a level: an island with bays. */
function islandAt(row: number, column: number, radius: number, random: Random): Field {
  const waves = Array.from({ length: 6 }, () => ({
    down: normal(random) / radius,
    across: normal(random) / radius,
    phase: between(random, 0, 2 * Math.PI),
  }));
  return (r, c) => {
    const far = ((r - row) ** 2 + (c - column) ** 2) / radius ** 2;
    if (far > 9) return 0;
    const field = waves.reduce(
      (sum, { down, across, phase }) =>
        sum + Math.sin(1.5 * (down * (r - row) + across * (c - column)) + phase),
      0,
    );
    return Math.max(0, Math.exp(-far / 2) * (1 + field / 12) - 0.5);
  };
}

/** Bilinear; beyond the edge the last pixel goes on. */
export function interpolated(
  { height, width, channels, data }: Picture,
  row: number,
  column: number,
  c: number,
): number {
  const [r, k] = [Math.min(height - 1, Math.max(0, row)), Math.min(width - 1, Math.max(0, column))];
  const [top, left] = [Math.floor(r), Math.floor(k)];
  const [bottom, right] = [Math.min(height - 1, top + 1), Math.min(width - 1, left + 1)];
  const [down, across] = [r - top, k - left];
  const at = (y: number, x: number): number => data[(y * width + x) * channels + c]!;
  return (
    (1 - down) * ((1 - across) * at(top, left) + across * at(top, right)) +
    down * ((1 - across) * at(bottom, left) + across * at(bottom, right))
  );
}
