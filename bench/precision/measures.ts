// The largest error of every measure, value and gradient, against float64 formulas written out in plain loops, on
// natural and on random images. Run: npx tsx bench/precision/measures.ts
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { avgPool, grad, ones, setBackend, sum, tensor2d } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // the gradient of avgPool
import Table from 'cli-table3';
import {
  dssimLoss,
  featureMatchingLoss,
  gmsLoss,
  gmsd,
  haarPsi,
  haarPsiLoss,
  haarPsiResidualMap,
  klDivergence,
  l1Loss,
  l1ResidualMap,
  l2Loss,
  l2ResidualMap,
  mixLoss,
  msGmsLoss,
  msGmsResidualMap,
  msSsim,
  msSsimLoss,
  ssim,
  ssimLoss,
  ssimMap,
  ssimResidualMap,
  ssimTerms,
  vaeLoss,
  vaeResidualMap,
} from '../../src/index.js';
import { referenceHaarPsi, referenceHaarPsiResidual } from '../../test/haarPsi/haarPsiReference.js';
import { values } from '../../test/support/gradients.js';
import { asTensor, naturalImages, noisy, randomImages } from '../../test/support/images.js';
import {
  referenceGmsDistances,
  referenceGmsd,
  referenceHalved,
  referenceMixLoss,
  referenceMsGmsLoss,
  referenceMsGmsResidual,
  referenceMsSsim,
} from '../../test/support/multiscaleReference.js';
import {
  centralDifferences,
  largest,
  largestError,
  perImage,
  referenceDistance,
  referenceKl,
  referenceResidual,
  referenceSsim,
  referenceSsimLoss,
  referenceSsimResidual,
  referenceTerms,
} from '../../test/support/reference.js';
import type { Images } from '../../test/support/reference.js';

interface Measure {
  readonly value: (x: Tensor, y: Tensor) => Tensor;
  readonly expected: (x: Images, y: Images) => ArrayLike<number>;
}

const [mean, logVariance] = [
  [0.5, -1, 0.2, 2, 0, 1],
  [0, 0.5, -1, 0.25, -3, 1],
];
const posterior = () => ({ mean: tensor2d(mean, [2, 3]), logVariance: tensor2d(logVariance, [2, 3]) });
const kl = referenceKl(mean, logVariance, 2);
const small = { levels: 2, windowSize: 5 } as const;
const meanOf = (numbers: ArrayLike<number>, batch: number): number[] =>
  perImage(numbers, batch).map((total) => (total * batch) / numbers.length);
/** Σ over pixels of a term of both, and the divergence. */
const summed =
  (term: (x: number, y: number) => number) =>
  (x: Images, y: Images): number[] =>
    perImage(
      Array.from(x.data, (value, k) => term(value, y.data[k]!)),
      2,
    ).map((total, n) => total + kl[n]!);
const log2Pi = Math.log(2 * Math.PI);

const measures: Readonly<Record<string, Measure>> = {
  ssimMap: { value: (x, y) => ssimMap(x, y), expected: (x, y) => referenceTerms(x, y).ssim },
  ssim: { value: (x, y) => ssim(x, y), expected: referenceSsim },
  'ssimTerms, luminance': {
    value: (x, y) => ssimTerms(x, y).luminance,
    expected: (x, y) => referenceTerms(x, y).luminance,
  },
  'ssimTerms, contrast': {
    value: (x, y) => ssimTerms(x, y).contrast,
    expected: (x, y) => referenceTerms(x, y).contrast,
  },
  'ssimTerms, structure': {
    value: (x, y) => ssimTerms(x, y).structure,
    expected: (x, y) => referenceTerms(x, y).structure,
  },
  ssimLoss: { value: ssimLoss, expected: referenceSsimLoss },
  dssimLoss: { value: dssimLoss, expected: (x, y) => referenceSsimLoss(x, y).map((value) => value / 2) },
  ssimResidualMap: { value: (x, y) => ssimResidualMap(x, y), expected: referenceSsimResidual },
  msSsim: { value: (x, y) => msSsim(x, y, small), expected: (x, y) => referenceMsSsim(x, y, small) },
  msSsimLoss: {
    value: (x, y) => msSsimLoss(x, y, small),
    expected: (x, y) => referenceMsSsim(x, y, small).map((value) => 1 - value),
  },
  mixLoss: { value: (x, y) => mixLoss(x, y, small), expected: (x, y) => referenceMixLoss(x, y, small) },
  gmsLoss: {
    value: gmsLoss,
    expected: (x, y) => meanOf(referenceGmsDistances(x, y).data, 2),
  },
  gmsd: { value: (x, y) => gmsd(x, y), expected: (x, y) => referenceGmsd(x, y) },
  msGmsLoss: {
    value: (x, y) => msGmsLoss(x, y, { levels: 2 }),
    expected: (x, y) => referenceMsGmsLoss(x, y, { levels: 2 }),
  },
  msGmsResidualMap: {
    value: (x, y) => msGmsResidualMap(x, y, { levels: 2 }),
    expected: (x, y) => referenceMsGmsResidual(x, y, { levels: 2 }),
  },
  haarPsi: { value: (x, y) => haarPsi(x, y), expected: (x, y) => referenceHaarPsi(x, y) },
  haarPsiLoss: {
    value: haarPsiLoss,
    expected: (x, y) => referenceHaarPsi(x, y).map((value) => 1 - value),
  },
  haarPsiResidualMap: {
    value: (x, y) => haarPsiResidualMap(x, y),
    expected: (x, y) => referenceHaarPsiResidual(x, y),
  },
  l2Loss: { value: l2Loss, expected: (x, y) => referenceDistance(x, y, 2) },
  l1Loss: { value: l1Loss, expected: (x, y) => referenceDistance(x, y, 1) },
  l2ResidualMap: { value: l2ResidualMap, expected: (x, y) => referenceResidual(x, y, 2) },
  l1ResidualMap: { value: l1ResidualMap, expected: (x, y) => referenceResidual(x, y, 1) },
  featureMatchingLoss: {
    value: (x, y) =>
      featureMatchingLoss(x, y, {
        features: (image) => avgPool(image, 2, 2, 'valid'),
        lambda: 3,
      }),
    expected: (x, y) => {
      const [a, b] = [referenceHalved(x), referenceHalved(y)];
      const ofFeatures = referenceDistance(a, b, 2);
      return referenceDistance(x, y, 2).map((value, n) => value + 3 * ofFeatures[n]!);
    },
  },
  klDivergence: { value: () => klDivergence(posterior()), expected: () => kl },
  'vaeLoss, ℓ2': {
    value: (x, y) => vaeLoss(x, y, posterior()),
    expected: summed((x, y) => (x - y) ** 2),
  },
  'vaeLoss, gaussian, σ 0.3': {
    value: (x, y) => vaeLoss(x, y, posterior(), { sigma: 0.3 }),
    expected: summed((x, y) => ((x - y) / 0.3) ** 2 / 2 + Math.log(0.3) + log2Pi / 2),
  },
  'vaeLoss, optimal σ': {
    value: (x, y) => vaeLoss(x, y, posterior(), { sigma: 'optimal' }),
    expected: (x, y) => {
      const pixels = x.data.length / 2;
      return referenceDistance(x, y, 2).map(
        (total, n) => (pixels / 2) * (Math.log(total / pixels) + log2Pi + 1) + kl[n]!,
      );
    },
  },
  'vaeLoss, laplace, b 0.3': {
    value: (x, y) => vaeLoss(x, y, posterior(), { likelihood: 'laplace', sigma: 0.3 }),
    expected: summed((x, y) => Math.abs(x - y) / 0.3 + Math.log(0.6)),
  },
  'vaeLoss, bernoulli': {
    value: (x, y) => vaeLoss(x, y, posterior(), { likelihood: 'bernoulli' }),
    expected: summed((x, y) => Math.max(y, 0) - x * y + Math.log1p(Math.exp(-Math.abs(y)))),
  },
  vaeResidualMap: {
    value: (x, y) => vaeResidualMap(x, [y], { sigma: 0.3 }),
    expected: (x, y) =>
      referenceResidual(x, y, 2).map((value) => value / 0.09 / 2 + x.shape[3] * (Math.log(0.3) + log2Pi / 2)),
  },
};

const shape = [2, 14, 16, 2] as const;
/** Pixels apart by a thousandth at least: at the kink of |x − y| central differences show nothing. */
const apart = (x: Images, y: Images): Images => ({
  shape,
  data: Float32Array.from(y.data, (value, k) =>
    Math.abs(value - x.data[k]!) < 1e-3 ? x.data[k]! + 1e-3 : value,
  ),
});
const pairs = [1, 2].flatMap((seed) => {
  const [natural, random] = [naturalImages(shape, seed), randomImages(shape, seed)];
  return [
    [natural, apart(natural, noisy(natural, 0.1, seed + 10))],
    [random, apart(random, randomImages(shape, seed + 20))],
  ] as const;
});

const format = (error: number): string => (error === 0 ? '0' : error.toExponential(1));

const table = new Table({
  head: ['', 'value, cpu', 'value, wasm', 'gradient, cpu', 'gradient, wasm'],
  style: { head: [], border: [], compact: true },
});
for (const [name, { value, expected }] of Object.entries(measures)) {
  const errors = { cpu: [0, 0], wasm: [0, 0] };
  for (const [x, y] of pairs) {
    const wanted = expected(x, y);
    const scale = Math.max(1, largest(wanted));
    const slopes = centralDifferences(
      (data) => Array.from(expected(x, { shape, data })).reduce((total, one) => total + one, 0),
      y.data,
      2e-5,
    );
    for (const backend of ['cpu', 'wasm'] as const) {
      await setBackend(backend);
      const actual = values(() => value(asTensor(x), asTensor(y)));
      errors[backend][0] = Math.max(errors[backend][0]!, largestError(actual, wanted) / scale);
      if (largest(slopes) === 0) continue;
      const gradient = values(() => {
        const target = asTensor(y);
        const of = (given: Tensor): Tensor => sum(value(asTensor(x), given));
        return grad(of)(target, ones([]));
      });
      errors[backend][1] = Math.max(errors[backend][1]!, largestError(gradient, slopes) / largest(slopes));
    }
  }
  const { cpu, wasm } = errors;
  table.push([name, format(cpu[0]!), format(wasm[0]!), format(cpu[1]!), format(wasm[1]!)]);
}
console.log(
  'Errors of values absolute up to 1 and relative above, of gradients relative to their largest entry.',
);
console.log(table.toString());
