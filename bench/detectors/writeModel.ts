import type { io } from '@tensorflow/tfjs-core';
import fs from 'node:fs/promises';
import { resolve } from 'node:path';
import { folderHandler } from '../../src/autoencoder.js';
import { InputError, reasonOf } from '../running/inputError.js';

/** Writes a saved model into a folder. */
export async function writeModel(folder: string, artifacts: io.ModelArtifacts): Promise<void> {
  try {
    await folderHandler(folder, fs).save!(artifacts);
  } catch (error) {
    throw new InputError(`${folder} cannot be written: ${reasonOf(error)}.`);
  }
}

/** How to use the detector in a folder: a program for a project that has the package. */
export const howToLoad = (
  folder: string,
): string => `To use it, save this as inspect.mjs in a project that has ssim-ae, @tensorflow/tfjs-core, tfjs-layers and
tfjs-backend-wasm, and sharp (npm install), and run node inspect.mjs IMAGE (more: docs/detector.md):

  import fs from 'node:fs/promises';
  import '@tensorflow/tfjs-backend-wasm';
  import { setBackend } from '@tensorflow/tfjs-core';
  import sharp from 'sharp';
  import { folderHandler, loadDetector } from 'ssim-ae/autoencoder';
  await setBackend('wasm');
  const detector = await loadDetector(folderHandler(${JSON.stringify(resolve(folder))}, fs));
  const { data, info } = await sharp(process.argv[2]).autoOrient().raw().toBuffer({ resolveWithObject: true });
  const { defective, score, regions } = await detector.inspect({ data, ...info });
  console.log(defective ? 'defective' : 'good', score, regions);
`;
