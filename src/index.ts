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
export { vaeResidualMap } from './residuals/vaeResidualMap.js';
export type { VaeResidualOptions } from './residuals/vaeResidualMap.js';

export { imageScore } from './segmentation/imageScore.js';
export type { ImageScoreOptions } from './segmentation/imageScore.js';

export type { Colormap } from './pictures/colormaps.js';
export { heatmap } from './pictures/heatmap.js';
export type { HeatmapOptions } from './pictures/heatmap.js';
export { normalizeMap } from './pictures/normalizeMap.js';
export type { NormalizeOptions } from './pictures/normalizeMap.js';
export { overlay } from './pictures/overlay.js';
export type { OverlayOptions } from './pictures/overlay.js';
