// Milliseconds of every loss and residual map, value and value with gradient, and how many times an ℓ2 loss, and an SSIM
// loss, that is: medians, measures taking turns. Run: npx tsx bench/speed/measures.ts
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // the gradients of tfjs's own ops, for the features
import {
  conv2d,
  dispose,
  fill,
  setBackend,
  tensor4d,
  tensor5d,
  tidy,
  valueAndGrad,
} from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import * as library from '../../src/index.js';
import { workloadOf } from './rows/workload.js';
import { describeMachine, machineOf } from '../running/machine.js';
import { formatTime } from './tables.js';
import { timingOf } from './statistics.js';

type Measure = (x: Tensor, y: Tensor) => Tensor;

const images = [8, 128, 128, 1] as const;
const volumes = [1, 32, 64, 64, 1] as const;
const runs = 25;

const {
  featureMatchingLoss,
  featureResidualMap,
  gmsLoss,
  gmsd,
  l1Loss,
  l2Loss,
  mixLoss,
  msGmsLoss,
  msGmsResidualMap,
  msSsimLoss,
  ssimLoss,
  ssimResidualMap,
  vaeLoss,
} = library;

/** Made on whatever backend is active when it is asked for. */
const filled = (value: number, shape: number[]): Tensor => fill(shape, value);
const weights = (): Tensor4D => filled(1, [8, 128, 128, 1]) as Tensor4D;
const posterior = () => ({ mean: filled(0.5, [8, 64]), logVariance: filled(-1, [8, 64]) });
/** The first layer of a network: sixteen features at half the size. */
const features = (x: Tensor): Tensor =>
  conv2d(x as Tensor4D, filled(0.1, [3, 3, 1, 16]) as Tensor4D, 2, 'same');

const ofImages: Readonly<Record<string, Measure>> = {
  l2Loss,
  l1Loss,
  'l2Loss, weights': (x, y) => l2Loss(x, y, { weights: weights() }),
  ssimLoss,
  'ssimLoss, weights': (x, y) => ssimLoss(x, y, { weights: weights() }),
  'ssimLoss, uniform 11×11': (x, y) => ssimLoss(x, y, { windowType: 'uniform' }),
  'ssimLoss, uniform 33×33': (x, y) => ssimLoss(x, y, { windowType: 'uniform', windowSize: 33 }),
  'ssimLoss, exponents': (x, y) => ssimLoss(x, y, { beta: 2, gamma: 2 }),
  ssimResidualMap: (x, y) => ssimResidualMap(x, y),
  'msSsimLoss, 4 levels': (x, y) => msSsimLoss(x, y, { levels: 4 }),
  'msSsimLoss, 4 levels, weights': (x, y) => msSsimLoss(x, y, { levels: 4, weights: weights() }),
  'mixLoss, 4 levels': (x, y) => mixLoss(x, y, { levels: 4 }),
  'mixLoss, 4 levels, weights': (x, y) => mixLoss(x, y, { levels: 4, weights: weights() }),
  gmsLoss,
  'gmsLoss, weights': (x, y) => gmsLoss(x, y, { weights: weights() }),
  gmsd: (x, y) => gmsd(x, y),
  'msGmsLoss, 4 levels': (x, y) => msGmsLoss(x, y, { levels: 4 }),
  'msGmsLoss, 4 levels, weights': (x, y) => msGmsLoss(x, y, { levels: 4, weights: weights() }),
  msGmsResidualMap: (x, y) => msGmsResidualMap(x, y),
  'featureMatchingLoss, 16 features': (x, y) => featureMatchingLoss(x, y, { features }),
  'featureResidualMap, unit length': (x, y) => featureResidualMap(x, y, { features, normalize: 'unit' }),
  vaeLoss: (x, y) => vaeLoss(x, y, posterior()),
  'vaeLoss, optimal σ': (x, y) => vaeLoss(x, y, posterior(), { sigma: 'optimal' }),
  'vaeLoss, laplace': (x, y) => vaeLoss(x, y, posterior(), { likelihood: 'laplace' }),
  'vaeLoss, bernoulli': (x, y) => vaeLoss(x, y, posterior(), { likelihood: 'bernoulli' }),
  'vaeLoss, ssimLoss': (x, y) => vaeLoss(x, y, posterior(), { reconstruction: ssimLoss }),
};
const ofVolumes: Readonly<Record<string, Measure>> = {
  l2Loss,
  'ssimLoss, 7×7×7': (x, y) => ssimLoss(x, y, { windowSize: 7 }),
  'ssimLoss, plane by plane, 11×11': (x, y) => ssimLoss(x, y, { windowSize: [1, 11, 11] }),
};

const modes = {
  value: (f: Measure, x: Tensor, y: Tensor) => f(x, y),
  gradient: (f: Measure, x: Tensor, y: Tensor) => valueAndGrad((b: Tensor) => f(x, b))(y).grad,
};

console.log(describeMachine(machineOf()));
for (const backend of ['wasm', 'cpu']) {
  await setBackend(backend);
  for (const [shape, measures] of [
    [images, ofImages],
    [volumes, ofVolumes],
  ] as const) {
    const flat = workloadOf(shape.length === 4 ? shape : [shape[0] * shape[1], shape[2], shape[3], shape[4]]);
    const [x, y] = [flat.x, flat.y].map((data) =>
      shape.length === 4 ? tensor4d(data, [...shape]) : tensor5d(data, [...shape]),
    ) as [Tensor, Tensor];
    const samples = new Map<string, number[]>();
    for (let run = -2; run < runs; run++) {
      for (const [name, f] of Object.entries(measures)) {
        // What tfjs ops make of these on cpu takes seconds.
        if (backend === 'cpu' && run >= 3 && /exponents|7×7×7|feature/.test(name)) continue;
        for (const [mode, call] of Object.entries(modes)) {
          const start = performance.now();
          const result = tidy(() => call(f, x, y));
          await result.data();
          const time = performance.now() - start;
          result.dispose();
          const key = `${name} ${mode}`;
          if (run >= 0) samples.set(key, [...(samples.get(key) ?? []), time]);
        }
      }
    }
    const medianOf = (name: string, mode: string): number =>
      timingOf(samples.get(`${name} ${mode}`)!, 1).median;
    const table = new Table({
      head: [`${backend}, ${shape.join('×')}`, 'value ms', 'with gradient ms', 'of l2Loss', 'of ssimLoss'],
      colAligns: ['left', 'right', 'right', 'right', 'right'],
      style: { head: [], border: [], compact: true },
    });
    for (const name of Object.keys(measures)) {
      const [value, gradient] = [medianOf(name, 'value'), medianOf(name, 'gradient')];
      table.push([
        name,
        formatTime(value),
        formatTime(gradient),
        `${formatTime(gradient / medianOf('l2Loss', 'gradient'))}×`,
        measures === ofImages ? `${formatTime(gradient / medianOf('ssimLoss', 'gradient'))}×` : '',
      ]);
    }
    console.log(table.toString());
    dispose([x, y]);
  }
}
