import type { io } from '@tensorflow/tfjs-core';
import fs from 'node:fs/promises';
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

/** What to write to use the detector in a folder. */
export const howToLoad = (folder: string): string =>
  `In a project of yours:\n\n  const detector = await loadDetector(folderHandler('${folder}', fs)); // ssim-ae/autoencoder\n` +
  `  const { defective, mask } = await detector.inspect(image);\n\ndocs/detector.md has the whole program.`;
