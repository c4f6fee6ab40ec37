import { presets } from '../../src/index.js';
import type { SsimOptions } from '../../src/index.js';
import { sizeUnit } from './models.js';
import type { Settings } from './settings.js';
import { without } from './without.js';

/** SSIM models that differ from each other in one thing. */
export interface Ablation {
  readonly question: string;
  readonly variants: readonly Variant[];
}

export interface Variant {
  readonly name: string;
  readonly settings: Settings;
}

/** The paper's questions, and those of its readers; the run's own settings are among the answers of each. */
export function ablationsOf(settings: Settings): Ablation[] {
  const { latent, size, stride, ssim } = settings;
  const withSsim = (name: string, change: SsimOptions): Variant => ({
    name,
    settings: { ...settings, ssim: { ...ssim, ...change } },
  });
  const own = (name: string): Variant => ({ name, settings });
  const sizes = [size / 2, 2 * size].filter((side) => side % sizeUnit === 0);
  const gaussian: Variant = {
    name: 'Gaussian window',
    settings: { ...settings, ssim: without(ssim, 'windowType') },
  };
  const wang: Variant = {
    name: 'constants (K L)²',
    settings: { ...settings, ssim: without(ssim, 'c1', 'c2') },
  };
  return [
    {
      question: 'How many latents?',
      variants: [Math.ceil(latent / 5), latent, 2 * latent].map((count) =>
        count === latent
          ? own(`latents ${count}`)
          : { name: `latents ${count}`, settings: { ...settings, latent: count } },
      ),
    },
    {
      question: 'How large a window?',
      variants: [5, 11, 17]
        .filter((side) => side <= size)
        .map((side) => withSsim(`window ${side}`, windowOf(side, ssim))),
    },
    {
      question: 'How large a patch?',
      variants: [...sizes, size]
        .sort((a, b) => a - b)
        .map((side) => ({
          name: `patch ${side}`,
          // As many pixels in each step, tiles that overlap as much.
          settings: {
            ...settings,
            size: side,
            stride: Math.max(1, Math.round((stride * side) / size)),
            batch: Math.max(1, Math.round(settings.batch * (size / side) ** 2)),
          },
        })),
    },
    {
      question: 'Which constants?',
      variants: [wang, withSsim('constants 0.01, 0.03', presets.bergmann2018)],
    },
    {
      question: 'Which window?',
      variants: [gaussian, withSsim('uniform window', { windowType: 'uniform' })],
    },
    {
      question: 'Which terms?',
      variants: [
        own('l · c · s'),
        withSsim('l alone', { alpha: 1, beta: 0, gamma: 0 }),
        withSsim('c alone', { alpha: 0, beta: 1, gamma: 0 }),
        withSsim('s alone', { alpha: 0, beta: 0, gamma: 1 }),
      ],
    },
  ];
}

/** A Gaussian is as wide as the window allows, in the proportion that 1.5 has to 11. */
const windowOf = (side: number, { windowType }: SsimOptions): SsimOptions => {
  if (side === 11) return {};
  return windowType === 'uniform'
    ? { windowSize: side }
    : { windowSize: side, windowSigma: (1.5 * side) / 11 };
};
