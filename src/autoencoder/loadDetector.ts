import type { io } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { furtherNames } from '../checks/namesElsewhere.js';
import { checkArguments, checkOptionNames } from '../checks/options.js';
import { resolveMap } from './defectDetector.js';
import { detectorOf, metadataKey } from './detector.js';
import type { DefectDetector, DetectorSettings } from './detector.js';
import { checkModel } from './imageModel.js';
import type { ResidualMap } from './residualMaps.js';

/** Options of {@link loadDetector}. */
export interface LoadDetectorOptions {
  /**
   * The residual map of a detector that was made with one of your own.
   * @default the one that was saved by its name
   */
  readonly residualMap?: ResidualMap;
}

/**
 * A detector that `save` wrote, with its model, thresholds and settings.
 *
 * It says the same of an image on every backend, up to rounding: a detector that was made in Node works in a browser.
 *
 * @param handlerOrUrl where it was saved: `indexeddb://name`, the address of its model.json, or any handler of tfjs
 * @param options its residual map, if that was one of yours: see {@link LoadDetectorOptions}
 * @throws TypeError for an unknown option or argument
 * @throws Error for a model without a detector's settings, or settings of a later version; and whatever the handler throws
 * @see `defectDetector`, which makes them
 *
 * @example
 * ```ts
 * import fs from 'node:fs/promises';
 * import '@tensorflow/tfjs-backend-wasm';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { autoencoder, defectDetector, trainAutoencoder } from 'ssim-ae/autoencoder';
 * import { folderHandler, loadDetector } from 'ssim-ae/autoencoder';
 *
 * await tf.setBackend('wasm');
 * const good = tf.abs(tf.sin(tf.reshape(tf.range(0, 6912), [12, 24, 24, 1])));
 * const model = autoencoder({ size: 16, seed: 1 });
 * await trainAutoencoder(model, good, { steps: 20, seed: 1 });
 * const detector = await defectDetector(model, good, { falseAlarmRate: 0.1 });
 * await detector.save(folderHandler('detector', fs));
 *
 * const loaded = await loadDetector(folderHandler('detector', fs));
 * console.log(loaded.threshold === detector.threshold); // true
 * ```
 */
export async function loadDetector(
  handlerOrUrl: io.IOHandler | string,
  options: LoadDetectorOptions = {},
): Promise<DefectDetector> {
  const name = 'loadDetector';
  checkArguments(name, arguments, 2);
  checkOptionNames(name, options, ['residualMap'], furtherNames);
  const model = await loadLayersModel(handlerOrUrl);
  const settings = (model.getUserDefinedMetadata() as Record<string, DetectorSettings> | undefined)?.[
    metadataKey
  ];
  if (settings === undefined) {
    model.dispose();
    throw new Error(
      `${name}: this is a model without the thresholds of a detector; make one with defectDetector(model, good), and save that.`,
    );
  }
  if (settings.version !== 1) {
    model.dispose();
    throw new Error(`${name}: this detector was saved by a later version of ssim-ae; install that one.`);
  }
  if (settings.residualMap === 'custom' && options.residualMap === undefined) {
    model.dispose();
    throw new Error(
      `${name}: this detector has a residual map of its own, which cannot be saved; give it again as { residualMap }.`,
    );
  }
  const { residualMap } = resolveMap(`${name}: residualMap`, options.residualMap ?? settings.residualMap);
  return detectorOf(checkModel(name, model), residualMap, settings);
}
