import { setBackend } from '@tensorflow/tfjs-core';
import { registerWasmTraining } from '../../../src/kernels.js';
import { InputError } from '../../running/inputError.js';
import { startWebgpu } from '../../running/webgpu.js';
import type { Backend } from '../settings.js';
import { BrowserLearner } from './browserLearner.js';
import { LocalLearner } from './learner.js';
import type { Learner, LearnerOptions } from './learner.js';

/** A learner on a backend: in this process, or in a browser that is started for it. */
export async function openLearner(backend: Backend, options: LearnerOptions): Promise<Learner> {
  switch (backend) {
    case 'webgl':
      return BrowserLearner.open(backend, options);
    case 'webgpu':
      return LocalLearner.open(options, await webgpu());
    case 'wasm':
      await import('@tensorflow/tfjs-backend-wasm');
      registerWasmTraining();
      await setBackend('wasm');
      return LocalLearner.open(options, 'wasm, one thread');
    case 'cpu':
      await import('@tensorflow/tfjs-backend-cpu');
      await setBackend('cpu');
      return LocalLearner.open(options, 'plain JavaScript');
    case 'node':
      await importTfjsNode();
      await setBackend('tensorflow');
      return LocalLearner.open(options, 'tfjs-node');
  }
}

/** The name of the device. */
async function webgpu(): Promise<string> {
  try {
    return await startWebgpu();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`--backend webgpu: ${error.message}`);
  }
}

async function importTfjsNode(): Promise<void> {
  // Not among the packages here: it fetches a library of its own when it is installed.
  const name = '@tensorflow/tfjs-node';
  try {
    await import(name);
  } catch {
    throw new InputError(
      '--backend node needs the package @tensorflow/tfjs-node; install it, or use --backend wasm.',
    );
  }
}
