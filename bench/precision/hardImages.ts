// The largest error of ssimMap, its gradient and ssimLoss against float64, on images that are hard for float32,
// for this library and for the formula as it is usually composed in tfjs. Run: npx tsx bench/precision/hardImages.ts
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers tfjs's own gradients, which the textbook formula needs
import {
  add,
  conv2d,
  div,
  grads,
  mean,
  mul,
  setBackend,
  square,
  sub,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { ssimLoss, ssimMap } from '../../src/index.js';
import { hardCases } from '../../test/support/hardCases.js';
import { asTensor } from '../../test/support/images.js';
import {
  largest,
  largestError,
  referenceSsimGradients,
  referenceTerms,
} from '../../test/support/reference.js';
import { gaussianTaps } from '../../src/filters/window.js';

/** E[x²] − E[x]² in float32, eq. 8 as one product over another: what most implementations do. */
function textbookMap(x: Tensor, y: Tensor, dataRange: number): Tensor4D {
  const taps = Float32Array.from(gaussianTaps(11, 1.5));
  const filter = (t: Tensor): Tensor4D =>
    conv2d(
      conv2d(t as Tensor4D, tensor4d(taps, [11, 1, 1, 1]), 1, 'valid'),
      tensor4d(taps, [1, 11, 1, 1]),
      1,
      'valid',
    );
  const [c1, c2] = [(0.01 * dataRange) ** 2, (0.03 * dataRange) ** 2];
  const [muX, muY] = [filter(x), filter(y)];
  const sigmaXX = sub(filter(square(x)), square(muX));
  const sigmaYY = sub(filter(square(y)), square(muY));
  const sigmaXY = sub(filter(mul(x, y)), mul(muX, muY));
  return div(
    mul(add(mul(mul(muX, muY), 2), c1), add(mul(sigmaXY, 2), c2)),
    mul(add(add(square(muX), square(muY)), c1), add(add(sigmaXX, sigmaYY), c2)),
  );
}

const show = (value: number): string => value.toExponential(1).padStart(8);

for (const backend of ['cpu', 'wasm']) {
  await setBackend(backend);
  for (const dataRange of [1, 255]) {
    console.log(
      `\n${backend}, dataRange ${dataRange}: largest error of map | gradient, of its maximum | loss, relative`,
    );
    console.log(`${''.padEnd(64)}${'ssim-ae'.padEnd(32)}the textbook formula in float32`);
    for (const [name, make] of Object.entries(hardCases)) {
      const [x, y] = make(dataRange);
      const expected = referenceTerms(x, y, { dataRange }).ssim;
      const loss = expected.reduce((total, value) => total + 1 - value, 0) / expected.length;
      const weights = new Float64Array(expected.length).fill(1 / expected.length);
      const [, slopes] = referenceSsimGradients(x, y, { dataRange }, weights);
      const row = [
        [
          (a: Tensor, b: Tensor) => ssimMap(a, b, { dataRange }),
          (a: Tensor, b: Tensor) => ssimLoss(a, b, { dataRange }),
        ],
        [
          (a: Tensor, b: Tensor) => textbookMap(a, b, dataRange),
          (a: Tensor, b: Tensor) => sub(1, mean(textbookMap(a, b, dataRange), [1, 2, 3])),
        ],
      ].map((pair) => {
        const [map, lossOf] = pair as [(a: Tensor, b: Tensor) => Tensor, (a: Tensor, b: Tensor) => Tensor];
        return tidy(() => {
          const mapError = largestError(map(asTensor(x), asTensor(y)).dataSync(), expected);
          const [, gy] = grads((a: Tensor, b: Tensor) => lossOf(a, b))([asTensor(x), asTensor(y)]);
          const scale = largest(slopes);
          const gradient = gy!.dataSync<'float32'>().map((slope) => -slope);
          const gradientError = largestError(gradient, slopes) / (scale > 1e-9 ? scale : 1);
          const actual = lossOf(asTensor(x), asTensor(y)).dataSync()[0]!;
          const lossError = loss > 0 ? Math.abs(actual / loss - 1) : Math.abs(actual);
          return [mapError, gradientError, lossError].map(show).join(' |');
        });
      });
      console.log(`${name.padEnd(60)}${row.join('    ')}`);
    }
  }
}
