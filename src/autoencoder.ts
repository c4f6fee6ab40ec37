export { autoencoder } from './autoencoder/autoencoder.js';
export type { AutoencoderOptions } from './autoencoder/autoencoder.js';
export { trainAutoencoder } from './autoencoder/trainAutoencoder.js';
export type {
  TrainAutoencoderOptions,
  TrainedAutoencoder,
  TrainingProgress,
  TrainingState,
} from './autoencoder/trainAutoencoder.js';
export type { PatchVariation } from './autoencoder/drawPatches.js';
export { corrupt } from './autoencoder/corrupt.js';
export type { CorruptOptions } from './autoencoder/corrupt.js';
export type { Corruption } from './autoencoder/spoil.js';
export type { Doubt } from './autoencoder/doubts.js';

export { defectDetector } from './autoencoder/defectDetector.js';
export type { DefectDetectorOptions } from './autoencoder/defectDetector.js';
export type { DefectDetector, DefectMap, Inspection } from './autoencoder/detector.js';
export type { DetectorMap, ResidualMap } from './autoencoder/residualMaps.js';
export type { DetectorImage, GoodImages, ImagePixels } from './autoencoder/picture.js';
export { loadDetector } from './autoencoder/loadDetector.js';
export type { LoadDetectorOptions } from './autoencoder/loadDetector.js';
export { folderHandler } from './autoencoder/folderHandler.js';
export type { FolderFiles } from './autoencoder/folderHandler.js';
