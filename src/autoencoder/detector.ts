import { dispose, io, tensor4d } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describeSize } from '../checks/describe.js';
import { checkOneArgument } from '../checks/options.js';
import { connectedRegions } from '../segmentation/connectedRegions.js';
import type { Region } from '../segmentation/connectedRegions.js';
import { segment } from '../segmentation/segment.js';
import { thresholdAtMinimumArea } from '../segmentation/thresholdAtMinimumArea.js';
import { tiledResidualMap } from '../tiles/tiledResidualMap.js';
import { registerWasmTraining } from '../wasmTraining/registerWasmTraining.js';
import { doubtsAboutImage } from './doubts.js';
import type { Doubt } from './doubts.js';
import { evenEdges } from './edges.js';
import { reconstruct } from './imageModel.js';
import type { ImageModel } from './imageModel.js';
import { medianOf } from './median.js';
import { pictureOf } from './picture.js';
import type { DetectorImage, Picture } from './picture.js';
import { detectorMaps } from './residualMaps.js';
import type { DetectorMap, ResidualMap } from './residualMaps.js';

/** A map of one image: rows of pixels. */
export interface DefectMap {
  /** One value for each pixel, higher = more anomalous. */
  readonly data: Float32Array;
  /** Rows of the image. */
  readonly height: number;
  /** Columns of the image. */
  readonly width: number;
}

/** What a detector says of an image. */
export interface Inspection {
  /** The residual map; unless you gave one of your own, it is made even along the edges of the image. */
  readonly map: DefectMap;
  /** 1 where the image is defective, rows of pixels; all 0 unless `defective`. */
  readonly mask: Uint8Array;
  /** How anomalous the image is: the residual that `minimumArea` connected pixels reach. */
  readonly score: number;
  /** A good image exceeds it with the stated rate. */
  readonly threshold: number;
  /** Whether score > threshold. */
  readonly defective: boolean;
  /** The connected regions of the mask, with their boxes and scores, the highest score first. */
  readonly regions: readonly Region[];
  /** Reasons not to trust the verdict. */
  readonly doubts: readonly Doubt[];
}

/** A trained model with thresholds that good images gave it: see `defectDetector`. */
export interface DefectDetector {
  /** Says whether an image, of any size from that of a patch on, is defective, and where. */
  readonly inspect: (image: DetectorImage) => Promise<Inspection>;
  /** Saves model, thresholds and settings together: `indexeddb://name`, `downloads://name`, or any handler of tfjs. */
  readonly save: (handlerOrUrl: io.IOHandler | string) => Promise<io.SaveResult>;
  /** The model. */
  readonly model: LayersModel;
  /** Images with a higher score are defective. */
  readonly threshold: number;
  /** In a defective image, the mask reaches as far as the map is not below it. */
  readonly pixelThreshold: number;
  /** The share of good images that may be called defective. */
  readonly falseAlarmRate: number;
}

/** All of a detector but its model, as it is saved. */
export interface DetectorSettings {
  readonly version: 1;
  readonly residualMap: DetectorMap | 'custom';
  readonly stride: number;
  readonly minimumArea: number;
  readonly falseAlarmRate: number;
  readonly threshold: number;
  readonly pixelThreshold: number;
  /** The highest median of the map of a good image. */
  readonly highestMedian: number;
}

/** The key of the settings in what tfjs calls the user-defined metadata of a model. */
export const metadataKey = 'ssim-ae';

/** A detector out of its parts. */
export function detectorOf(
  imageModel: ImageModel,
  residualMap: ResidualMap,
  settings: DetectorSettings,
): DefectDetector {
  const { model, size, channels } = imageModel;
  const { threshold, pixelThreshold, falseAlarmRate, minimumArea } = settings;
  registerWasmTraining();
  // Printers call `inspect` of what they print, unless there is this.
  const printed = Symbol.for('nodejs.util.inspect.custom');
  const detector = {
    model,
    threshold,
    pixelThreshold,
    falseAlarmRate,
    async inspect(image: DetectorImage): Promise<Inspection> {
      checkOneArgument('inspect', arguments);
      const picture = await pictureOf('inspect: image', image, channels);
      const { height, width } = picture;
      if (Math.min(height, width) < size) {
        throw new RangeError(
          `inspect: image is ${describeSize([height, width])} pixels, smaller than the patches of ${describeSize([size, size])}; ` +
            `pad or enlarge it as the good images were.`,
        );
      }
      const data = await mapOf(imageModel, residualMap, settings, picture);
      const score = scoreOf(data, picture, minimumArea);
      const defective = score > threshold;
      const mask = defective ? maskOf(data, picture, settings) : new Uint8Array(height * width);
      const { regions } = connectedRegions(mask, { height, width, scores: data });
      return {
        map: { data, height, width },
        mask,
        score,
        threshold,
        defective,
        regions: [...regions].sort((a, b) => b.score! - a.score!),
        doubts: doubtsAboutImage(medianOf(data), settings.highestMedian),
      };
    },
    async save(handlerOrUrl: io.IOHandler | string): Promise<io.SaveResult> {
      checkOneArgument('save', arguments);
      const handler = typeof handlerOrUrl === 'string' ? saveHandlerOf(handlerOrUrl) : handlerOrUrl;
      if (typeof handler?.save !== 'function') {
        throw new TypeError('save: handlerOrUrl must be a URL or a handler of tfjs that can save.');
      }
      return model.save(
        io.withSaveHandler((artifacts) =>
          handler.save!({
            ...artifacts,
            userDefinedMetadata: { ...artifacts.userDefinedMetadata, [metadataKey]: settings },
          }),
        ),
      );
    },
    [printed]: () => `DefectDetector { threshold: ${threshold}, falseAlarmRate: ${falseAlarmRate} }`,
  };
  return detector;
}

function saveHandlerOf(url: string): io.IOHandler {
  const [handler] = io.getSaveHandlers(url);
  if (handler !== undefined) return handler;
  throw new RangeError(
    `save: tfjs knows no place "${url}" here; in Node give folderHandler(folder, fs), in a browser 'indexeddb://name' or ` +
      `'downloads://name'.`,
  );
}

/** The residual map of a picture, tile by tile; one of this package's is made even along the edges. */
export async function mapOf(
  { model, size }: ImageModel,
  residualMap: ResidualMap,
  { stride, residualMap: name }: Pick<DetectorSettings, 'stride' | 'residualMap'>,
  { height, width, channels, data }: Picture,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const image = tensor4d(data, [1, height, width, channels]);
  try {
    const map = await tiledResidualMap(image, (tiles) => reconstruct(model, tiles), {
      residualMap,
      tileSize: size,
      stride,
      average: 'reconstructions',
      // A tile is reproduced worst along its border.
      weighting: 'gaussian',
      ...(signal !== undefined && { signal }),
    });
    const values = (await map.data<'float32'>()).slice();
    dispose(map);
    return name === 'custom' ? values : evenEdges(values, { height, width }, Math.floor(size / 4));
  } finally {
    dispose(image);
  }
}

/** What so many connected pixels reach: as a threshold, the number above which the map shows no such region. */
export const scoreOf = (map: Float32Array, { height, width }: Picture, minimumArea: number): number =>
  thresholdAtMinimumArea(map, { height, width, minimumArea });

/** Regions above the threshold of pixels that hold one, large enough, above that of images. */
function maskOf(
  map: Float32Array,
  { height, width }: Picture,
  { threshold, pixelThreshold, minimumArea }: DetectorSettings,
): Uint8Array {
  const size = { height, width };
  const certain = segment(map, { ...size, threshold, minimumArea });
  const wide = segment(map, { ...size, threshold: Math.min(threshold, pixelThreshold) });
  const { labels, count } = connectedRegions(wide, size);
  const holds = new Uint8Array(count + 1);
  labels.forEach((label, k) => {
    if (certain[k] === 1) holds[label] = 1;
  });
  return Uint8Array.from(labels, (label) => (label > 0 ? holds[label]! : 0));
}

export const mapByName = (name: DetectorMap): ResidualMap => detectorMaps[name];
