// Every measure that takes weights, each way of calling it: what weights must do is tested over this list.
import { conv2d, tensor4d, zeros } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { vaeLoss } from '../../src/index.js';
import type { VaeLossOptions } from '../../src/index.js';
import { measures } from './measures.js';

export interface WeightedCase {
  readonly name: string;
  readonly call: (x: Tensor, y: Tensor, weights?: Tensor) => Tensor;
  /** What equal images give, and images without any weight. */
  readonly perfect: number;
  /** Whether pixels are compared one by one: then a pixel of weight 0 has no gradient. */
  readonly pixelwise: boolean;
  readonly volumes: boolean;
}

const pixelwise: readonly string[] = [
  ...['l1Loss', 'l2Loss', 'charbonnierLoss', 'huberLoss', 'psnr'],
  ...['vaeLoss', 'featureMatchingLoss'],
];

const given = (weights: Tensor | undefined): { weights?: Tensor } => (weights ? { weights } : {});

/** Made of tensors, which the list of measures has none of. */
const convolved = (image: Tensor4D): Tensor =>
  conv2d(image, tensor4d([-1, 1, 0.5, -0.5, 2, -1, 0.25, 1], [2, 2, 2, 1]), 2, 'same');
const features = measures.find(({ name }) => name === 'featureMatchingLoss')!;
const likelihoods: Readonly<Record<string, () => VaeLossOptions>> = {
  'σ = 0.5': () => ({ sigma: 0.5 }),
  laplace: () => ({ likelihood: 'laplace', sigma: 0.5 }),
  bernoulli: () => ({ likelihood: 'bernoulli' }),
  'log σ': () => ({ logSigma: zeros([1]) }),
};

/** Of [N, H, W, 2], 12 × 12 or larger. */
export const weightedCases: readonly WeightedCase[] = [
  ...measures
    .filter(({ weights }) => weights)
    .flatMap(({ name, call, variants, perfect, volumes }) =>
      variants.map((variant) => ({
        name: `${name}, ${variant.name}`,
        call: (x: Tensor, y: Tensor, weights?: Tensor) =>
          call(x, y, { ...variant.options, ...given(weights) })[0]!,
        perfect,
        pixelwise: pixelwise.includes(name),
        volumes,
      })),
    ),
  ...['ssimLoss', 'msSsimLoss', 'mixLoss', 'gmsLoss', 'gmsd', 'msGmsLoss'].map((name) => {
    const { call, variants } = measures.find((measure) => measure.name === name)!;
    const padding =
      name === 'ssimLoss' ? 'symmetric' : name.startsWith('ms') || name === 'mixLoss' ? 'zero' : 'valid';
    return {
      name: `${name}, ${padding}`,
      call: (x: Tensor, y: Tensor, weights?: Tensor) =>
        call(x, y, { ...variants[0]!.options, padding, ...given(weights) })[0]!,
      perfect: 0 as const,
      pixelwise: false,
      volumes: false,
    };
  }),
  {
    name: 'featureMatchingLoss, convolved',
    call: (x, y, weights) => features.call(x, y, { features: convolved, ...given(weights) })[0]!,
    perfect: 0,
    pixelwise: false,
    volumes: false,
  },
  ...Object.entries(likelihoods).map(([name, options]) => ({
    name: `vaeLoss, ${name}`,
    call: (x: Tensor, y: Tensor, weights?: Tensor) => {
      const posterior = { mean: zeros([x.shape[0], 3]), logVariance: zeros([x.shape[0], 3]) };
      return vaeLoss(x, y, posterior, { ...options(), ...given(weights) });
    },
    perfect: 0 as const,
    pixelwise: true,
    volumes: false,
  })),
];
