export type { ArrayMap, Color, ImageArray } from './arrays/imageArray.js';
export { gmsd } from './arrays/gmsd.js';
export type { GmsdOptions } from './arrays/gmsd.js';
export { msSsim } from './arrays/msSsim.js';
export type { MsSsimOptions } from './arrays/msSsim.js';
export { psnr } from './arrays/psnr.js';
export type { PsnrOptions } from './arrays/psnr.js';
export { ssim } from './arrays/ssim.js';
export { ssimMap } from './arrays/ssimMap.js';
export type { ImageArrayOptions, SsimOptions } from './arrays/ssimOptions.js';
export { ssimResidualMap } from './arrays/ssimResidualMap.js';
export { ssimWithGradient } from './arrays/ssimWithGradient.js';
export type { SsimWithGradient } from './arrays/ssimWithGradient.js';

export { presets } from './ssim/presets.js';
export type { PerAxis } from './ssim/ssimOptions.js';

export type { Padding } from './filters/paddings.js';
export type { WindowType } from './filters/window.js';

export type { ImageSize, Labels, Masks, ScoreMaps, Scores } from './checks/arrays.js';

export { connectedRegions } from './segmentation/connectedRegions.js';
export type { ConnectedRegions, ConnectedRegionsOptions, Region } from './segmentation/connectedRegions.js';
export { openMask } from './segmentation/openMask.js';
export type { OpenMaskOptions } from './segmentation/openMask.js';
export { removeSmallRegions } from './segmentation/removeSmallRegions.js';
export type { RemoveSmallRegionsOptions } from './segmentation/removeSmallRegions.js';
export { segment } from './segmentation/segment.js';
export type { SegmentOptions } from './segmentation/segment.js';
export { thresholdAtF1 } from './segmentation/thresholdAtF1.js';
export { thresholdAtFalseAlarmRate } from './segmentation/thresholdAtFalseAlarmRate.js';
export { thresholdAtMinimumArea } from './segmentation/thresholdAtMinimumArea.js';
export type { ThresholdAtMinimumAreaOptions } from './segmentation/thresholdAtMinimumArea.js';
export { thresholdAtQuantile } from './segmentation/thresholdAtQuantile.js';

export { auPimo } from './metrics/auPimo.js';
export type { AuPimo, AuPimoOptions } from './metrics/auPimo.js';
export { auPro } from './metrics/auPro.js';
export type { AuProOptions } from './metrics/auPro.js';
export { averagePrecision } from './metrics/averagePrecision.js';
export { bestF1 } from './metrics/bestF1.js';
export type { BestF1 } from './metrics/bestF1.js';
export { dice } from './metrics/dice.js';
export { iou } from './metrics/iou.js';
export type { NamedAuPimo } from './metrics/namedAuPimo.js';
export { pimoAccumulator } from './metrics/pimoAccumulator.js';
export type { PimoAccumulator } from './metrics/pimoAccumulator.js';
export { pimoAccumulatorFromJSON } from './metrics/pimoAccumulatorFromJSON.js';
export { pimoCurve } from './metrics/pimoCurve.js';
export type { PimoCurve, PimoCurveOptions } from './metrics/pimoCurve.js';
export { precisionRecallCurve } from './metrics/precisionRecallCurve.js';
export type { PrecisionRecallCurve } from './metrics/precisionRecallCurve.js';
export { proAccumulator } from './metrics/proAccumulator.js';
export type { ProAccumulator } from './metrics/proAccumulator.js';
export { proAccumulatorFromJSON } from './metrics/proAccumulatorFromJSON.js';
export { proCurve } from './metrics/proCurve.js';
export type { ProCurve, ProCurveOptions } from './metrics/proCurve.js';
export { rocAuc } from './metrics/rocAuc.js';
export type { RocAucOptions } from './metrics/rocAuc.js';
export { rocCurve } from './metrics/rocCurve.js';
export type { RocCurve } from './metrics/rocCurve.js';
export { scoreAccumulator } from './metrics/scoreAccumulator.js';
export type {
  AccumulatorOptions,
  BoundedF1,
  BoundedFigure,
  ScoreAccumulator,
} from './metrics/scoreAccumulator.js';
export { scoreAccumulatorFromJSON } from './metrics/scoreAccumulatorFromJSON.js';
