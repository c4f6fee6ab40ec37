import type { io } from '@tensorflow/tfjs-core';
import { describeValue } from '../checks/describe.js';
import { checkArguments } from '../checks/options.js';

/** What {@link folderHandler} needs of a file system: `node:fs/promises` has it. */
export interface FolderFiles {
  /** Makes a folder and those above it. */
  readonly mkdir: (path: string, options: { recursive: true }) => Promise<unknown>;
  /** Writes a whole file. */
  readonly writeFile: (path: string, data: string | Uint8Array) => Promise<unknown>;
  /** Reads a whole file. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
}

/**
 * A folder of plain files, model.json and weights.bin, as a place where tfjs saves models and loads them from.
 *
 * tfjs itself writes files only with tfjs-node. A browser loads the same files by the address of model.json.
 *
 * @param folder the folder, made if it is missing
 * @param files the functions that read and write: `node:fs/promises`
 * @throws TypeError if an argument is of another kind, or for an unknown argument
 * @see https://www.tensorflow.org/js/guide/save_load, the handlers of tfjs
 *
 * @example
 * ```ts
 * import fs from 'node:fs/promises';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { loadLayersModel } from '@tensorflow/tfjs-layers';
 * import { autoencoder, folderHandler } from 'ssim-ae/autoencoder';
 *
 * await autoencoder({ size: 16 }).save(folderHandler('model', fs));
 * const model = await loadLayersModel(folderHandler('model', fs));
 * console.log(model.name); // repair_autoencoder
 * ```
 */
export function folderHandler(folder: string, files: FolderFiles): io.IOHandler {
  const name = 'folderHandler';
  checkArguments(name, arguments, 2);
  if (typeof folder !== 'string') {
    throw new TypeError(`${name}: folder must be a path, but got ${describeValue(folder)}.`);
  }
  const given = files as Partial<FolderFiles> | null | undefined;
  for (const operation of ['mkdir', 'writeFile', 'readFile'] as const) {
    if (typeof given?.[operation] === 'function') continue;
    throw new TypeError(
      `${name}: files must have mkdir, writeFile and readFile, as node:fs/promises has; import fs from there.`,
    );
  }
  return {
    async save({ weightData, weightSpecs, ...artifacts }) {
      await files.mkdir(folder, { recursive: true });
      await files.writeFile(`${folder}/weights.bin`, bytesOf(weightData));
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs ?? [] }];
      await files.writeFile(`${folder}/model.json`, JSON.stringify({ ...artifacts, weightsManifest }));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    },
    async load() {
      const text = new TextDecoder().decode(await files.readFile(`${folder}/model.json`));
      const { weightsManifest, ...artifacts } = JSON.parse(text) as io.ModelJSON;
      const parts = await Promise.all(
        weightsManifest.flatMap(({ paths }) => paths).map((path) => files.readFile(`${folder}/${path}`)),
      );
      return {
        ...artifacts,
        weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
        weightData: bytesOf(parts).buffer as ArrayBuffer,
      };
    },
  };
}

/** One after the other. */
function bytesOf(data: io.WeightData | readonly Uint8Array[] | undefined): Uint8Array {
  const parts = (data === undefined ? [] : Array.isArray(data) ? data : [data]) as (
    ArrayBuffer | Uint8Array
  )[];
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part instanceof Uint8Array ? part : new Uint8Array(part), offset);
    offset += part.byteLength;
  }
  return whole;
}
