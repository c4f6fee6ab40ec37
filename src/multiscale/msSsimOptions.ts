import { describeValue } from '../checks/describe.js';
import { checkNumber, checkWhole } from '../checks/options.js';
import type { WeightOptions } from '../checks/weights.js';
import { resolveSsimOptions, ssimOptionNames } from '../ssim/ssimOptions.js';
import type { ResolvedSsimOptions, SsimOptions } from '../ssim/ssimOptions.js';

/** How multi-scale SSIM is computed: window, constants, covariance and padding are the same at every level. */
export interface MsSsimOptions extends Omit<SsimOptions, 'alpha' | 'beta' | 'gamma'>, WeightOptions {
  /**
   * The number of levels, 1 to 5; use fewer for images too small for five. They take the first of the published
   * weights, which are divided by their sum if there are fewer than five.
   * @default 5
   */
  readonly levels?: number;
  /**
   * The exponents of the levels, ≥ 0, from the full size down. There are as many levels as weights, and the
   * weights are not normalised. Cannot be combined with `levels`.
   * @default [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]
   */
  readonly levelWeights?: readonly number[];
}

/** {@link MsSsimOptions}, checked and complete. */
export interface ResolvedMsSsimOptions extends ResolvedSsimOptions {
  readonly levelWeights: readonly number[];
}

const publishedWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333] as const;

const exponents: readonly string[] = ['alpha', 'beta', 'gamma'];

/** Of SSIM's options those that MS-SSIM has too. */
const ofWindow = (): string[] => ssimOptionNames.filter((name) => !exponents.includes(name));

/** The names of the options of MS-SSIM, besides weights of pixels. */
export const msSsimOptionNames = (): string[] => [...ofWindow(), 'levels', 'levelWeights'];

/** Checks the options, whose names were checked, and fills in the defaults. */
export function resolveMsSsimOptions(
  functionName: string,
  options: MsSsimOptions,
  spatialAxes: number,
  dataRange?: number,
): ResolvedMsSsimOptions {
  const given = Object.entries(options).filter(([name]) => ofWindow().includes(name));
  const resolved = resolveSsimOptions(functionName, Object.fromEntries(given), {
    padding: 'valid',
    spatialAxes,
    ...(dataRange !== undefined && { dataRange }),
  });
  return { ...resolved, levelWeights: resolveWeights(functionName, options) };
}

function resolveWeights(functionName: string, { levels, levelWeights }: MsSsimOptions): readonly number[] {
  if (levelWeights === undefined) return weightsOfLevels(functionName, levels);
  if (levels !== undefined) {
    throw new TypeError(
      `${functionName}: levels and levelWeights exclude each other; as many levels as weights are used.`,
    );
  }
  if (!Array.isArray(levelWeights)) {
    throw new TypeError(
      `${functionName}: levelWeights must be a list of numbers, but got ${describeValue(levelWeights)}.`,
    );
  }
  const weights = levelWeights.map((weight: unknown, level) =>
    checkNumber(`${functionName}: levelWeights[${level}]`, weight, { least: 0 }),
  );
  if (!weights.some((weight) => weight > 0)) {
    throw new RangeError(
      weights.length === 0
        ? `${functionName}: levelWeights is empty; give one weight for each level.`
        : `${functionName}: levelWeights are all 0, which leaves nothing to compare.`,
    );
  }
  return weights;
}

function weightsOfLevels(functionName: string, levels: unknown): readonly number[] {
  const most = publishedWeights.length;
  if (levels === undefined || levels === most) return publishedWeights;
  const hint = 'for other levels give levelWeights';
  const count = checkWhole(`${functionName}: levels`, levels, { least: 1, most, hint });
  const first = publishedWeights.slice(0, count);
  const total = first.reduce((sum, weight) => sum + weight, 0);
  return first.map((weight) => weight / total);
}
