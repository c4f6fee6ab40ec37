import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { io } from '@tensorflow/tfjs-core';
import { InputError } from '../data/inputError.js';
import type { NetworkArguments } from './arguments.js';
import type { NetworkSource } from './features.js';

/** A layers model from the files that tfjs saves it in. */
export function readNetwork({ folder, layers, scale, offset }: NetworkArguments): NetworkSource {
  const file = join(folder, 'model.json');
  if (!existsSync(file)) {
    throw new InputError(
      `--features ${folder} holds no model.json: it must be a folder as tfjs saves a layers model.`,
    );
  }
  try {
    const { modelTopology, weightsManifest } = JSON.parse(readFileSync(file, 'utf8')) as io.ModelJSON;
    const paths = weightsManifest.flatMap((group) => group.paths);
    return {
      kind: 'network',
      name: basename(folder),
      topology: modelTopology,
      specs: weightsManifest.flatMap(({ weights }) => weights),
      weights: new Uint8Array(Buffer.concat(paths.map((path) => readFileSync(join(folder, path))))),
      layers: layers ?? [lastLayer(modelTopology as Topology)],
      scale,
      offset,
    };
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new InputError(`--features ${folder} cannot be read as a layers model: ${reason}.`);
  }
}

interface Topology {
  readonly model_config: {
    readonly config: { readonly layers: readonly { readonly config: { readonly name: string } }[] };
  };
}

function lastLayer(topology: Topology): string {
  const last = topology.model_config.config.layers.at(-1);
  if (last === undefined) throw new Error('it has no layers');
  return last.config.name;
}
