import {
  connectedRegions,
  gmsd,
  msSsim,
  psnr,
  segment,
  ssim,
  ssimResidualMap,
} from '../../../../src/arrays.js';
import type { ArrayMap, Color, ImageArray, Region, SsimOptions, WindowType } from '../../../../src/arrays.js';

export type Shown = 'SSIM' | 'luminance' | 'contrast' | 'structure';

/** What the reader sets on the page. */
export interface CompareSettings {
  readonly shown: Shown;
  readonly windowType: WindowType;
  readonly windowSize: number;
  readonly k1: number;
  readonly k2: number;
  readonly color: Color;
  readonly downsample: boolean;
  /** A pixel of the map counts as different from here on. */
  readonly threshold: number;
  /** Smaller regions are not listed. */
  readonly minimumArea: number;
}

export interface Figure {
  readonly name: string;
  /** A number, or why there is none. */
  readonly text: string;
  readonly meaning: string;
}

export interface Comparison {
  readonly figures: readonly Figure[];
  readonly map: ArrayMap;
  readonly mask: Uint8Array;
  readonly regions: readonly Region[];
  readonly milliseconds: number;
}

/** One of SSIM's terms alone: the exponents of the others are 0. */
const exponents: Readonly<Record<Shown, SsimOptions>> = {
  SSIM: {},
  luminance: { beta: 0, gamma: 0 },
  contrast: { alpha: 0, gamma: 0 },
  structure: { alpha: 0, beta: 0 },
};

function figureOf(name: string, meaning: string, digits: number, compute: () => number): Figure {
  try {
    const value = compute();
    return { name, meaning, text: value === Infinity ? '∞' : value.toFixed(digits).replace('-', '−') };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // The message begins with the function's name.
    return { name, meaning, text: error.message.replace(/^\w+: /, '') };
  }
}

export function compare(x: ImageArray, y: ImageArray, settings: CompareSettings): Comparison {
  const began = performance.now();
  const { shown, windowType, windowSize, k1, k2, color, threshold, minimumArea } = settings;
  const downsample = settings.downsample ? 'auto' : false;
  const window = { windowType, windowSize, k1, k2, color };
  const figures = [
    figureOf('SSIM', '1: equal, 0: unrelated', 4, () => ssim(x, y, { ...window, downsample })),
    figureOf('MS-SSIM', '1: equal, 0: unrelated', 4, () => msSsim(x, y, { ...window })),
    figureOf('GMSD', '0: equal; how unevenly edges differ', 4, () => gmsd(x, y, { color })),
    figureOf('PSNR', 'decibels; ∞: equal', 2, () => psnr(x, y, { color })),
  ];
  const map = ssimResidualMap(x, y, { ...window, downsample, ...exponents[shown] });
  const { width, height, data } = map;
  const mask = segment(data, { width, height, threshold, border: 0, minimumArea });
  const { regions } = connectedRegions(mask, { width, height, scores: data });
  return {
    figures,
    map,
    mask,
    regions: [...regions].sort((a, b) => b.area - a.area),
    milliseconds: performance.now() - began,
  };
}
