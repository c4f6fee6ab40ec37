export type { ImageSize, Labels, Masks, ScoreMaps, Scores } from './checks/arrays.js';
export type { FeatureOptions } from './checks/features.js';
export type { Likelihood, LikelihoodOptions } from './checks/likelihood.js';
export type { GmsIndexOptions, GmsOptions, MsGmsOptions } from './checks/gmsOptions.js';
export type { MsSsimOptions } from './checks/msSsimOptions.js';
export type { Posterior } from './checks/posterior.js';
export type { Padding, PerAxis, SsimIndexOptions, SsimOptions, WindowType } from './checks/ssimOptions.js';
export type { WeightOptions } from './checks/weights.js';

export { luma } from './filters/luma.js';

export { featuresOf } from './similarity/featuresOf.js';
export type { FeatureModel, FeaturesOfOptions } from './similarity/featuresOf.js';
export { gmsd } from './similarity/gmsd.js';
export type { GmsdOptions } from './similarity/gmsd.js';
export { gmsMap } from './similarity/gmsMap.js';
export { msSsim } from './similarity/msSsim.js';
export { presets } from './similarity/presets.js';
export { ssim } from './similarity/ssim.js';
export { ssimMap } from './similarity/ssimMap.js';
export { ssimTerms } from './similarity/ssimTerms.js';
export type { SsimTerms } from './similarity/ssimTerms.js';

export { cyclicalAnnealing } from './losses/cyclicalAnnealing.js';
export type { CyclicalAnnealingOptions } from './losses/cyclicalAnnealing.js';
export { dssimLoss } from './losses/dssimLoss.js';
export { featureMatchingLoss } from './losses/featureMatchingLoss.js';
export type { FeatureMatchingOptions } from './losses/featureMatchingLoss.js';
export { gmsLoss } from './losses/gmsLoss.js';
export { klDivergence } from './losses/klDivergence.js';
export { l1Loss } from './losses/l1Loss.js';
export { l2Loss } from './losses/l2Loss.js';
export { linearAnnealing } from './losses/linearAnnealing.js';
export type { LinearAnnealingOptions } from './losses/linearAnnealing.js';
export { mixLoss } from './losses/mixLoss.js';
export type { MixLossOptions } from './losses/mixLoss.js';
export { msGmsLoss } from './losses/msGmsLoss.js';
export type { MsGmsLossOptions } from './losses/msGmsLoss.js';
export { msSsimLoss } from './losses/msSsimLoss.js';
export { reparameterize } from './losses/reparameterize.js';
export type { ReparameterizeOptions } from './losses/reparameterize.js';
export { ssimLoss } from './losses/ssimLoss.js';
export { vaeLoss } from './losses/vaeLoss.js';
export type { VaeLossOptions } from './losses/vaeLoss.js';
export { withOptions } from './losses/withOptions.js';

export { featureResidualMap } from './residuals/featureResidualMap.js';
export { featureResidualMaps } from './residuals/featureResidualMaps.js';
export { l1ResidualMap } from './residuals/l1ResidualMap.js';
export { l2ResidualMap } from './residuals/l2ResidualMap.js';
export { msGmsResidualMap } from './residuals/msGmsResidualMap.js';
export { ssimResidualMap } from './residuals/ssimResidualMap.js';
export { tiledResidualMap } from './residuals/tiledResidualMap.js';
export type { TiledResidualOptions } from './residuals/tiledResidualMap.js';
export { tiledResidualMaps } from './residuals/tiledResidualMaps.js';
export type { TiledResidualMapsOptions } from './residuals/tiledResidualMaps.js';
export { vaeResidualMap } from './residuals/vaeResidualMap.js';
export type { VaeResidualOptions } from './residuals/vaeResidualMap.js';

export { connectedRegions } from './segmentation/connectedRegions.js';
export type { ConnectedRegions, Region, RegionOptions } from './segmentation/connectedRegions.js';
export { imageScore } from './segmentation/imageScore.js';
export type { ImageScoreOptions } from './segmentation/imageScore.js';
export { openMask } from './segmentation/openMask.js';
export type { OpenMaskOptions } from './segmentation/openMask.js';
export { removeSmallRegions } from './segmentation/removeSmallRegions.js';
export type { RemoveSmallRegionsOptions } from './segmentation/removeSmallRegions.js';
export { segment } from './segmentation/segment.js';
export type { SegmentOptions } from './segmentation/segment.js';
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
export { pimoAccumulator } from './metrics/pimoAccumulator.js';
export type { NamedAuPimo, PimoAccumulator, PimoAccumulatorOptions } from './metrics/pimoAccumulator.js';
export { pimoAccumulatorFromJSON } from './metrics/pimoAccumulatorFromJSON.js';
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

export type { Colormap } from './pictures/colormaps.js';
export { heatmap } from './pictures/heatmap.js';
export type { HeatmapOptions } from './pictures/heatmap.js';
export { normalizeMap } from './pictures/normalizeMap.js';
export type { NormalizeOptions } from './pictures/normalizeMap.js';
export { overlay } from './pictures/overlay.js';
export type { OverlayOptions } from './pictures/overlay.js';
