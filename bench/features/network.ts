import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import { basename, join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import { setBackend } from '@tensorflow/tfjs-core';
import { folderHandler } from '../../src/autoencoder.js';
import { featuresOf } from '../../src/index.js';
import { InputError } from '../running/inputError.js';
import { modelFrom } from './features.js';
import type { NetworkSource } from './features.js';

/** Where a layers model lies, and how it is to be used. */
export interface NetworkFolder {
  readonly folder: string;
  /** The last, unless given. */
  readonly layers: readonly string[] | undefined;
  /** What pixels in [0, 1] are multiplied by, and what is added then. */
  readonly scale: number;
  readonly offset: number;
}

/** A layers model from the files that tfjs saves it in; what is wrong with it is found here, not in the threads. */
export async function readNetwork({ folder, layers, scale, offset }: NetworkFolder): Promise<NetworkSource> {
  if (!existsSync(join(folder, 'model.json'))) {
    throw new InputError(
      `--features ${folder} holds no model.json: it must be a folder as tfjs saves a layers model.`,
    );
  }
  try {
    const { modelTopology, weightSpecs, weightData } = await folderHandler(folder, fs).load!();
    const saved = {
      topology: modelTopology!,
      specs: weightSpecs!,
      weights: new Uint8Array(weightData as ArrayBuffer),
    };
    await setBackend('cpu');
    const model = await modelFrom(saved);
    const names = layers ?? model.layers.slice(-1).map(({ name }) => name);
    featuresOf(model, names); // are there such layers?
    model.dispose();
    return { kind: 'network', name: basename(join(folder)), ...saved, layers: names, scale, offset };
  } catch (error) {
    const [reason] = (error as Error).message.replace(/^featuresOf: /, '').split('\n');
    throw new InputError(`--features ${folder} cannot be used: ${reason}`);
  }
}
