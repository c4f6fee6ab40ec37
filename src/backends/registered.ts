import { engine, getKernel, registerKernel } from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';

/**
 * By tfjs's name of a backend: the function that makes a family's kernels for it; none where the machine does
 * not allow them.
 */
export type KernelsOfBackends = Readonly<Record<keyof typeof methods, () => KernelConfig[]>>;

/** The method of each backend on which our kernels rely. */
const methods = {
  cpu: 'makeTensorInfo',
  wasm: 'typedArrayFromHeap',
  webgl: 'compileAndRun',
  webgpu: 'runWebGPUProgram',
} as const;

/** Whether the active backend has the kernels, of which `name` is one; the first call there registers them. */
export function registered(name: string, kernels: KernelsOfBackends): boolean {
  const { backendName, backend } = engine();
  // Another library's backend may have the name of one of tfjs's.
  if (!isKnown(backendName) || !(methods[backendName] in backend)) return false;
  // A registry without an entry gives undefined, though its type says otherwise.
  const isThere = (): boolean => (getKernel(name, backendName) as KernelConfig | undefined) !== undefined;
  if (isThere()) return true;
  const key = `${name} ${backendName}`;
  if (refused[key] === true) return false;
  for (const kernel of kernels[backendName]()) registerKernel(kernel);
  if (!isThere()) refused[key] = true;
  return isThere();
}

/** Kernels that this machine does not allow: to try again would fill a browser's console with violations of its policy. */
const refused: Record<string, true> = {};

const isKnown = (name: string): name is keyof typeof methods => Object.hasOwn(methods, name);
