export type { ImageSize, Labels, Masks, ScoreMaps, Scores } from './checks/arrays.js';
export type { FeatureOptions } from './checks/features.js';
export type { Posterior } from './checks/posterior.js';
export type { Padding, SsimOptions, WindowType } from './checks/ssimOptions.js';

export { presets } from './similarity/presets.js';
export { ssim } from './similarity/ssim.js';
export { ssimMap } from './similarity/ssimMap.js';
export { ssimTerms } from './similarity/ssimTerms.js';
export type { SsimTerms } from './similarity/ssimTerms.js';

export { dssimLoss } from './losses/dssimLoss.js';
export { featureMatchingLoss } from './losses/featureMatchingLoss.js';
export type { FeatureMatchingOptions } from './losses/featureMatchingLoss.js';
export { klDivergence } from './losses/klDivergence.js';
export { l1Loss } from './losses/l1Loss.js';
export { l2Loss } from './losses/l2Loss.js';
export { reparameterize } from './losses/reparameterize.js';
export type { ReparameterizeOptions } from './losses/reparameterize.js';
export { ssimLoss } from './losses/ssimLoss.js';
export { vaeLoss } from './losses/vaeLoss.js';
export type { VaeLossOptions } from './losses/vaeLoss.js';
export { withOptions } from './losses/withOptions.js';

export { featureResidualMap } from './residuals/featureResidualMap.js';
export { l1ResidualMap } from './residuals/l1ResidualMap.js';
export { l2ResidualMap } from './residuals/l2ResidualMap.js';
export { ssimResidualMap } from './residuals/ssimResidualMap.js';
export { vaeResidualMap } from './residuals/vaeResidualMap.js';
export type { VaeResidualOptions } from './residuals/vaeResidualMap.js';

export { connectedRegions } from './segmentation/connectedRegions.js';
export type { ConnectedRegions, Region, RegionOptions } from './segmentation/connectedRegions.js';
export { openMask } from './segmentation/openMask.js';
export type { OpenMaskOptions } from './segmentation/openMask.js';
export { removeSmallRegions } from './segmentation/removeSmallRegions.js';
export type { RemoveSmallRegionsOptions } from './segmentation/removeSmallRegions.js';
export { thresholdAtF1 } from './segmentation/thresholdAtF1.js';
export { thresholdAtMinimumArea } from './segmentation/thresholdAtMinimumArea.js';
export type { MinimumAreaOptions } from './segmentation/thresholdAtMinimumArea.js';
export { thresholdAtQuantile } from './segmentation/thresholdAtQuantile.js';

export { auPimo } from './metrics/auPimo.js';
export type { AuPimo, PimoOptions } from './metrics/auPimo.js';
export { auPro } from './metrics/auPro.js';
export type { AuProOptions } from './metrics/auPro.js';
export { averagePrecision } from './metrics/averagePrecision.js';
export { bestF1 } from './metrics/bestF1.js';
export type { BestF1 } from './metrics/bestF1.js';
export { dice } from './metrics/dice.js';
export { iou } from './metrics/iou.js';
export { pimoCurve } from './metrics/pimoCurve.js';
export type { PimoCurve } from './metrics/pimoCurve.js';
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
