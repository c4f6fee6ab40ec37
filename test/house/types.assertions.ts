/**
 * What must compile, and what must not. `npm run types` checks this file, and types.test.ts runs the compiler
 * on it: an `@ts-expect-error` above a line without an error is an error itself. Nothing here runs.
 */
import type { Tensor, Tensor1D, Tensor3D, Tensor4D, io } from '@tensorflow/tfjs-core';
import type { LayersModel, ModelCompileArgs } from '@tensorflow/tfjs-layers';
import {
  autoencoder,
  corrupt,
  defectDetector,
  folderHandler,
  loadDetector,
  trainAutoencoder,
} from '../../src/autoencoder.js';
import type {
  DefectDetector,
  FolderFiles,
  GoodImages,
  Inspection,
  TrainedAutoencoder,
  TrainingState,
} from '../../src/autoencoder.js';
import {
  auPimo,
  auPro,
  averagePrecision,
  bestF1,
  connectedRegions,
  dice,
  dssimLoss,
  featureMatchingLoss,
  featureResidualMap,
  gmsLoss,
  gmsMap,
  gmsd,
  heatmap,
  imageScore,
  iou,
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
  openMask,
  pimoAccumulator,
  pimoCurve,
  precisionRecallCurve,
  overlay,
  presets,
  proAccumulator,
  proCurve,
  removeSmallRegions,
  reparameterize,
  rocAuc,
  rocCurve,
  scoreAccumulator,
  segment,
  ssim,
  ssimLoss,
  ssimMap,
  ssimResidualMap,
  ssimTerms,
  thresholdAtF1,
  thresholdAtFalseAlarmRate,
  thresholdAtMinimumArea,
  thresholdAtQuantile,
  tiledResidualMap,
  tiledResidualMaps,
  vaeLoss,
  vaeResidualMap,
  withOptions,
} from '../../src/index.js';
import type {
  FeatureMatchingLossOptions,
  FeatureOptions,
  GmsOptions,
  GmsdOptions,
  Labels,
  Masks,
  MixLossOptions,
  MsGmsOptions,
  MsSsimOptions,
  Padding,
  Posterior,
  Region,
  ReparameterizeOptions,
  ScoreMaps,
  Scores,
  SsimOptions,
  SsimTerms,
  VaeLossOptions,
  VaeResidualMapOptions,
  WindowType,
} from '../../src/index.js';
import { registerWasmTraining } from '../../src/kernels.js';

/** What tfjs-layers takes as a loss: its LossOrMetricFn. */
type LossOrMetricFn = Extract<ModelCompileArgs['loss'], (...args: never[]) => unknown>;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <Claim extends true>(claim?: Claim): void => void claim;
const isExactly =
  <Expected>() =>
  <Actual>(value: Actual, claim: Same<Actual, Expected>): void =>
    void [value, claim];

declare const x: Tensor4D;
declare const y: Tensor4D;
declare const posterior: Posterior;
const features = (image: Tensor4D): Tensor => image;

export function inModels(): void {
  holds<Same<LossOrMetricFn, (yTrue: Tensor, yPred: Tensor) => Tensor>>();

  const losses: LossOrMetricFn[] = [ssimLoss, dssimLoss, l1Loss, l2Loss, ssim];
  const ofScales: LossOrMetricFn[] = [msSsimLoss, mixLoss, gmsLoss, msGmsLoss, msSsim, gmsd];
  const bound: LossOrMetricFn[] = [
    withOptions(ssimLoss, { dataRange: 255 }),
    withOptions(dssimLoss, presets.skimage, 'dssim'),
    withOptions(ssim, presets.wang2004),
    withOptions(msSsimLoss, { ...presets.wang2004, levels: 3 }),
    withOptions(mixLoss, { levelWeights: [1, 1], alpha: 0.5, l1Sigma: 8 }),
    withOptions(msGmsLoss, { levels: 2 }),
    withOptions(featureMatchingLoss, { features, lambda: 0.1 }),
    withOptions(vaeLoss, posterior),
  ];
  const compiled: ModelCompileArgs[] = [
    { optimizer: 'adam', loss: ssimLoss, metrics: [ssim, l2Loss] },
    { optimizer: 'adam', loss: [ssimLoss, l1Loss] },
    { optimizer: 'adam', loss: { image: ssimLoss } },
    { optimizer: 'adam', loss: withOptions(ssimLoss, { windowSize: 7 }) },
  ];
  void [losses, ofScales, bound, compiled];

  // @ts-expect-error Its features must be bound first.
  const withoutFeatures: LossOrMetricFn = featureMatchingLoss;
  // @ts-expect-error Its posterior must be bound first.
  const withoutPosterior: LossOrMetricFn = vaeLoss;
  // @ts-expect-error The terms are three tensors, not a loss.
  const terms: LossOrMetricFn = ssimTerms;
  void [withoutFeatures, withoutPosterior, terms];
}

export function results(): void {
  isExactly<Tensor1D>()(ssim(x, y), true);
  isExactly<Tensor4D>()(ssimMap(x, y), true);
  isExactly<SsimTerms>()(ssimTerms(x, y), true);
  isExactly<Tensor4D>()(ssimTerms(x, y).luminance, true);
  isExactly<Tensor1D>()(msSsim(x, y), true);
  isExactly<Tensor4D>()(gmsMap(x, y), true);
  isExactly<Tensor1D>()(gmsd(x, y), true);
  isExactly<Tensor1D>()(msSsimLoss(x, y), true);
  isExactly<Tensor1D>()(mixLoss(x, y), true);
  isExactly<Tensor1D>()(gmsLoss(x, y), true);
  isExactly<Tensor1D>()(msGmsLoss(x, y), true);
  isExactly<Tensor4D>()(msGmsResidualMap(x, y), true);
  isExactly<Tensor1D>()(ssimLoss(x, y), true);
  isExactly<Tensor1D>()(dssimLoss(x, y), true);
  isExactly<Tensor1D>()(l1Loss(x, y), true);
  isExactly<Tensor1D>()(l2Loss(x, y), true);
  isExactly<Tensor1D>()(featureMatchingLoss(x, y, { features }), true);
  isExactly<Tensor1D>()(klDivergence(posterior), true);
  isExactly<Tensor1D>()(vaeLoss(x, y, posterior), true);
  isExactly<Tensor4D>()(l1ResidualMap(x, y), true);
  isExactly<Tensor4D>()(l2ResidualMap(x, y), true);
  isExactly<Tensor4D>()(ssimResidualMap(x, y), true);
  isExactly<Tensor4D>()(featureResidualMap(x, y, { features }), true);
  isExactly<Tensor4D>()(vaeResidualMap(x, [y]), true);
  isExactly<() => void>()(registerWasmTraining, true);

  // A reconstruction may come later; several maps have the names that they were given.
  isExactly<Promise<Tensor4D>>()(
    tiledResidualMap(x, (tiles) => Promise.resolve(tiles), { tileSize: 8 }),
    true,
  );
  const residualMaps = { ssim: ssimResidualMap, l2: l2ResidualMap };
  const maps = tiledResidualMaps(x, (tiles) => tiles, { residualMaps, tileSize: 8 });
  isExactly<Promise<Record<'ssim' | 'l2', Tensor4D>>>()(maps, true);
  // @ts-expect-error A name that was not given.
  void maps.then(({ gms }) => void gms);
  // @ts-expect-error The maps must be given.
  void tiledResidualMaps(x, (tiles) => tiles, { tileSize: 8 });
  // @ts-expect-error One map has another function.
  void tiledResidualMaps(x, (tiles) => tiles, { residualMaps, residualMap: l2ResidualMap, tileSize: 8 });

  // A sample has the rank of its posterior; a bound loss gives what the loss gives.
  const latents = reparameterize({ mean: x, logVariance: y });
  isExactly<Tensor4D>()(latents, true);
  const bound = withOptions(ssimLoss, {});
  isExactly<(yTrue: Tensor, yPred: Tensor) => Tensor1D>()(bound, true);
  // @ts-expect-error The comparison itself: not merely assignable.
  isExactly<Tensor>()(ssim(x, y), true);
}

export function optionTypes(): void {
  holds<Same<Padding, 'valid' | 'reflect' | 'symmetric' | 'edge' | 'zero' | 'wrap'>>();
  holds<Same<WindowType, 'gaussian' | 'uniform'>>();
  const complete: Required<SsimOptions> = {
    dataRange: 255,
    windowType: 'uniform',
    windowSize: [7, 9],
    windowSigma: [1.5, 2],
    k1: 0.01,
    k2: 0.03,
    c1: 1,
    c2: 1,
    alpha: 1,
    beta: 1,
    gamma: 1,
    covariance: 'sample',
    padding: 'reflect',
    checkRange: true,
  };
  const further: [FeatureOptions, FeatureMatchingLossOptions, VaeLossOptions, VaeResidualMapOptions] = [
    { features, layerWeights: [1], normalize: 'unit' },
    { features, lambda: 1 },
    { beta: 2, likelihood: 'gaussian' },
    { sigma: 0.1 },
  ];
  const ofScales: [MsSsimOptions, MixLossOptions, GmsOptions, GmsdOptions, MsGmsOptions] = [
    { dataRange: 255, windowSize: [7, 9], k1: 0.01, padding: 'edge', levels: 3 },
    { levelWeights: [0.5, 0.5], alpha: 0.84, l1Sigma: 8 },
    { dataRange: 255, c: 170, padding: 'zero' },
    { downsample: false, c: 170 },
    { levels: 3, padding: 'reflect' },
  ];
  const seeded: ReparameterizeOptions = { seed: 1 };
  void [complete, further, ofScales, seeded];

  // @ts-expect-error Options are readonly.
  complete.dataRange = 1;
}

export function wrongOptions(): void {
  // @ts-expect-error unknown name
  ssimLoss(x, y, { datarange: 255 });
  // @ts-expect-error unknown name
  dssimLoss(x, y, { window: 7 });
  // @ts-expect-error unknown name
  ssim(x, y, { maxValue: 255 });
  // @ts-expect-error unknown name
  ssimMap(x, y, { sigma: 1.5 });
  // @ts-expect-error unknown name
  ssimTerms(x, y, { full: true });
  // @ts-expect-error unknown name
  ssimResidualMap(x, y, { pad: 'reflect' });
  // @ts-expect-error unknown name
  featureMatchingLoss(x, y, { features, weight: 1 });
  // @ts-expect-error unknown name
  featureResidualMap(x, y, { features, lambda: 1 });
  // @ts-expect-error unknown name
  vaeLoss(x, y, posterior, { weight: 1 });
  // @ts-expect-error unknown name
  vaeResidualMap(x, [y], { deviation: 1 });
  // @ts-expect-error unknown name
  reparameterize({ mean: x, logVariance: y }, { sead: 1 });

  // @ts-expect-error exponents are those of one scale
  msSsim(x, y, { alpha: 1 });
  // @ts-expect-error unknown name
  msSsimLoss(x, y, { weights: [1] });
  // @ts-expect-error unknown name
  mixLoss(x, y, { sigma: 8 });
  // @ts-expect-error one size only
  gmsLoss(x, y, { levels: 2 });
  // @ts-expect-error unknown name
  gmsMap(x, y, { downsample: true });
  // @ts-expect-error true or false
  gmsd(x, y, { downsample: 2 });
  // @ts-expect-error a number
  msGmsLoss(x, y, { levels: [1, 2] });
  // @ts-expect-error a list
  msSsim(x, y, { levelWeights: 1 });

  // @ts-expect-error a number
  ssimLoss(x, y, { dataRange: '255' });
  // @ts-expect-error one of two names
  ssimLoss(x, y, { windowType: 'hann' });
  // @ts-expect-error two numbers, or three
  ssimLoss(x, y, { windowSize: [7, 7, 7, 7] });
  // @ts-expect-error a map has no mean to weigh
  ssimMap(x, y, { weights: x });
  // @ts-expect-error one of five names
  ssimLoss(x, y, { padding: 'same' });
  // @ts-expect-error one of two names
  ssimLoss(x, y, { covariance: 'unbiased' });
  // @ts-expect-error a list
  featureMatchingLoss(x, y, { features, layerWeights: 1 });
  // @ts-expect-error a function
  featureMatchingLoss(x, y, { features: x });
  // @ts-expect-error gives tensors
  featureMatchingLoss(x, y, { features: () => 1 });
  // @ts-expect-error one of three names
  vaeLoss(x, y, posterior, { likelihood: 'poisson' });
  // @ts-expect-error a number
  vaeResidualMap(x, [y], { sigma: null });

  // @ts-expect-error a tensor
  l1Loss(x, y, { weights: 1 });
  // @ts-expect-error it has no window
  l2Loss(x, y, { windowSize: 7 });
}

/** What tfjs's `data()` gives when nobody says of which type: one of three arrays. */
export async function readTensors(map: Tensor, labels: Tensor): Promise<void> {
  const [read, truth] = [await map.data(), await labels.data()];
  holds<Same<typeof read, Float32Array | Int32Array | Uint8Array>>();
  typedArrays(read, truth);
  typedArrays(map.dataSync(), labels.dataSync());
  // Of one type, by name; of a shared buffer, and of one that is said not to be.
  typedArrays(await map.data<'float32'>(), await labels.data<'bool'>());
  typedArrays(new Float32Array(new SharedArrayBuffer(8)), new Uint8Array(new SharedArrayBuffer(2)));
  typedArrays(new Float64Array(new ArrayBuffer(8)), Buffer.from([0, 1]));
  typedArrays([0.1, 0.2] as const, [false, true] as const);
  typedArrays(new Uint16Array(2), new Int8Array(2));

  // @ts-expect-error not awaited
  rocAuc(map.data(), truth);
  // @ts-expect-error not awaited
  rocAuc(read, labels.data());
  // @ts-expect-error a tensor is not its values
  auPro(map, truth, { height: 1, width: 2 });
  // @ts-expect-error bigints are no scores
  rocAuc(new BigInt64Array(2), truth);
  // @ts-expect-error booleans are labels, and no scores
  rocAuc([true, false], truth);
  // @ts-expect-error text is neither
  rocAuc(read, ['good', 'bad']);
}

function typedArrays(scores: Scores, labels: Labels): void {
  const size = { height: 1, width: 2 };
  const maps: ScoreMaps = scores;
  const masks: Masks = labels;
  rocAuc(scores, labels);
  rocCurve(scores, labels);
  precisionRecallCurve(scores, labels);
  averagePrecision(scores, labels);
  bestF1(scores, labels);
  thresholdAtF1(scores, labels);
  thresholdAtQuantile(scores, 0.5);
  thresholdAtFalseAlarmRate(scores, 0.5);
  scoreAccumulator().add(scores, labels);
  for (const [ofMaps, ofMasks] of [
    [maps, masks],
    [
      [scores, scores],
      [labels, labels],
    ],
  ] as const) {
    auPro(ofMaps, ofMasks, size);
    proCurve(ofMaps, ofMasks, size);
    auPimo(ofMaps, ofMasks, size);
    pimoCurve(ofMaps, ofMasks, size);
    proAccumulator().add(ofMaps, ofMasks, size);
    pimoAccumulator().add(ofMaps, ofMasks, ['a', 'b'], size);
    segment(ofMaps, { ...size, threshold: 1 });
    thresholdAtMinimumArea(ofMaps, { ...size, minimumArea: 1 });
  }
  connectedRegions(labels, { ...size, scores });
  openMask(labels, { ...size, radius: 1 });
  removeSmallRegions(labels, { ...size, minimumArea: 1 });
  iou(labels, labels);
  dice(labels, labels);
}

export function missingArguments(): void {
  // @ts-expect-error yPred is missing
  ssimLoss(x);
  // @ts-expect-error options are missing
  featureMatchingLoss(x, y);
  // @ts-expect-error features are missing
  featureMatchingLoss(x, y, {});
  // @ts-expect-error the posterior is missing
  vaeLoss(x, y);
  // @ts-expect-error logVariance is missing
  klDivergence({ mean: x });
  // @ts-expect-error Tensors, not arrays.
  ssimLoss([0], [0]);
}

export function wrongBindings(): void {
  // @ts-expect-error unknown name
  withOptions(ssimLoss, { datarange: 255 });
  // @ts-expect-error a number
  withOptions(ssimLoss, { windowSize: '7' });
  // @ts-expect-error features are missing
  withOptions(featureMatchingLoss, { lambda: 1 });
  // @ts-expect-error a posterior
  withOptions(vaeLoss, { beta: 1 });
  // @ts-expect-error The name is a string.
  withOptions(ssimLoss, {}, 7);
  // @ts-expect-error Options are bound once.
  withOptions(ssimLoss, {})(x, y, {});
}

/** From maps to figures and pictures: what `await map.data()` gives goes in as it is. */
export async function figures(map: Tensor4D, mask: Uint8Array): Promise<void> {
  isExactly<number>()(rocAuc(await map.data(), mask), true);
  isExactly<Tensor1D>()(imageScore(map), true);
  isExactly<Tensor4D>()(heatmap(map), true);
  isExactly<Tensor4D>()(overlay(x, map), true);
  const regions: Region[] = [...connectedRegions(mask, { height: 8, width: 8 }).regions];
  void regions;

  // @ts-expect-error Scores, not a tensor.
  rocAuc(map, mask);
  // @ts-expect-error The size is missing.
  auPro(await map.data(), mask);
  // @ts-expect-error unknown name
  rocAuc(await map.data(), mask, { maxFpr: 0.3 });
}

declare const image: Tensor3D;
declare const canvas: ImageData;
declare const state: TrainingState;
declare const handler: io.IOHandler;
declare const files: FolderFiles;

export async function detectors(): Promise<void> {
  const model = autoencoder({ architecture: 'paper', latent: 50, channels: 3 });
  isExactly<LayersModel>()(model, true);
  const good: GoodImages[] = [x, [x, image, canvas], [{ data: new Uint16Array(4), width: 2, height: 2 }]];
  isExactly<TrainedAutoencoder>()(await trainAutoencoder(model, good[0]!, { resume: state }), true);
  await trainAutoencoder(model, [canvas], { loss: ssimLoss, corrupt: { kinds: ['noise', 'threads'] } });
  isExactly<Tensor4D>()(await corrupt(x, { kinds: ['blobs'] }), true);
  const detector = await defectDetector(model, x, { residualMap: l2ResidualMap });
  isExactly<DefectDetector>()(detector, true);
  isExactly<Inspection>()(await detector.inspect(canvas), true);
  await detector.save(folderHandler('detector', files));
  isExactly<DefectDetector>()(await loadDetector(handler, { residualMap: ssimResidualMap }), true);

  // @ts-expect-error One of two.
  autoencoder({ architecture: 'unet' });
  // @ts-expect-error No such kind.
  await corrupt(x, { kinds: ['holes'] });
  // @ts-expect-error A name or a function.
  await defectDetector(model, x, { residualMap: 'gms' });
  // @ts-expect-error A file is no image.
  await detector.inspect('image.png');
  // @ts-expect-error A list of images has no shape.
  await corrupt([x]);
}
