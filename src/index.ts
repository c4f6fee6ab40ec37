export { dssimLoss } from './ssim/dssimLoss.js';
export { presets } from './ssim/presets.js';
export { ssim } from './ssim/ssim.js';
export { ssimLoss } from './ssim/ssimLoss.js';
export { ssimMap } from './ssim/ssimMap.js';
export type { SsimIndexOptions } from './ssim/ssimIndexOptions.js';
export type { PerAxis, SsimOptions } from './ssim/ssimOptions.js';
export { ssimResidualMap } from './ssim/ssimResidualMap.js';
export { ssimTerms } from './ssim/ssimTerms.js';
export type { SsimTerms } from './ssim/ssimTerms.js';

export { mixLoss } from './multiscale/mixLoss.js';
export type { MixLossOptions } from './multiscale/mixLoss.js';
export { msSsim } from './multiscale/msSsim.js';
export { msSsimLoss } from './multiscale/msSsimLoss.js';
export type { MsSsimOptions } from './multiscale/msSsimOptions.js';

export { gmsLoss } from './gradientMagnitude/gmsLoss.js';
export { gmsMap } from './gradientMagnitude/gmsMap.js';
export type { GmsIndexOptions } from './gradientMagnitude/gmsIndexOptions.js';
export type { GmsOptions, MsGmsOptions } from './gradientMagnitude/gmsOptions.js';
export { gmsd } from './gradientMagnitude/gmsd.js';
export type { GmsdOptions } from './gradientMagnitude/gmsd.js';
export { msGmsLoss } from './gradientMagnitude/msGmsLoss.js';
export type { MsGmsLossOptions } from './gradientMagnitude/msGmsLoss.js';
export { msGmsResidualMap } from './gradientMagnitude/msGmsResidualMap.js';

export { haarPsi } from './haarPsi/haarPsi.js';
export { haarPsiLoss } from './haarPsi/haarPsiLoss.js';
export type { HaarPsiOptions, HaarPsiResidualMapOptions } from './haarPsi/haarPsiOptions.js';
export { haarPsiResidualMap } from './haarPsi/haarPsiResidualMap.js';

export { charbonnierLoss } from './pixels/charbonnierLoss.js';
export type { CharbonnierLossOptions } from './pixels/charbonnierLoss.js';
export { huberLoss } from './pixels/huberLoss.js';
export type { HuberLossOptions } from './pixels/huberLoss.js';
export { l1Loss } from './pixels/l1Loss.js';
export { l1ResidualMap } from './pixels/l1ResidualMap.js';
export { l2Loss } from './pixels/l2Loss.js';
export { l2ResidualMap } from './pixels/l2ResidualMap.js';
export { psnr } from './pixels/psnr.js';
export type { PsnrOptions } from './pixels/psnr.js';

export { featureMatchingLoss } from './features/featureMatchingLoss.js';
export type { FeatureMatchingLossOptions } from './features/featureMatchingLoss.js';
export type { FeatureOptions } from './features/featureOptions.js';
export { featureResidualMap } from './features/featureResidualMap.js';
export { featureResidualMaps } from './features/featureResidualMaps.js';
export { featuresOf } from './features/featuresOf.js';
export type { FeatureModel, FeaturesOfOptions } from './features/featuresOf.js';

export { klDivergence } from './vae/klDivergence.js';
export type { Likelihood, LikelihoodOptions } from './vae/likelihood.js';
export type { Posterior } from './vae/posterior.js';
export { reparameterize } from './vae/reparameterize.js';
export type { ReparameterizeOptions } from './vae/reparameterize.js';
export { vaeLoss } from './vae/vaeLoss.js';
export type { VaeLossOptions } from './vae/vaeLossOptions.js';
export { vaeResidualMap } from './vae/vaeResidualMap.js';
export type { VaeResidualMapOptions } from './vae/vaeResidualMap.js';

export { luma } from './filters/luma.js';
export type { Padding } from './filters/paddings.js';
export type { WindowType } from './filters/window.js';

export type { ImageSize, Labels, Masks, ScoreMaps, Scores } from './checks/arrays.js';
export type { WeightOptions } from './checks/weights.js';

export { cyclicalAnnealing } from './training/cyclicalAnnealing.js';
export type { CyclicalAnnealingOptions } from './training/cyclicalAnnealing.js';
export { linearAnnealing } from './training/linearAnnealing.js';
export type { LinearAnnealingOptions } from './training/linearAnnealing.js';
export { withOptions } from './training/withOptions.js';

export { tiledResidualMap } from './tiles/tiledResidualMap.js';
export type { TiledResidualMapOptions } from './tiles/tiledResidualMap.js';
export { tiledResidualMaps } from './tiles/tiledResidualMaps.js';
export type { TiledResidualMapsOptions } from './tiles/tiledResidualMaps.js';

export type { Colormap } from './maps/colormaps.js';
export { heatmap } from './maps/heatmap.js';
export type { HeatmapOptions } from './maps/heatmap.js';
export { imageScore } from './maps/imageScore.js';
export type { ImageScoreOptions } from './maps/imageScore.js';
export { normalizeMap } from './maps/normalizeMap.js';
export type { NormalizeMapOptions } from './maps/normalizeMap.js';
export { overlay } from './maps/overlay.js';
export type { OverlayOptions } from './maps/overlay.js';

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
