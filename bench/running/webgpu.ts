import { setBackend } from '@tensorflow/tfjs-core';
import { softwareVulkan } from './chromiumOptions.js';
import { InputError } from './inputError.js';

let started: Promise<string> | undefined;

/** Starts tfjs's webgpu backend in Node, where the package `webgpu` (Dawn) has the GPU; gives the name of the device. */
export function startWebgpu(): Promise<string> {
  return (started ??= start());
}

async function start(): Promise<string> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const gpu = create([]);
  // Before the backend is imported, which looks for a GPU then. It asks the user agent whether this is a phone.
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, userAgent: 'node' },
    configurable: true,
  });
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new InputError(`neither Vulkan, Metal nor Direct3D 12 shows a GPU; ${wayOut}.`);
  await import('@tensorflow/tfjs-backend-webgpu');
  if (!(await setBackend('webgpu')))
    throw new InputError(`${nameOf(adapter)} does not start as tfjs's webgpu backend.`);
  return nameOf(adapter);
}

const wayOut =
  "install the GPU's driver and, on Linux, the Vulkan loader (Debian: libvulkan1); without a GPU, Chromium's software " +
  `renderer stands in for one: ${Object.entries(softwareVulkan)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}`;

const nameOf = ({ info: { vendor, architecture, description } }: GPUAdapter): string =>
  `${description || [vendor, architecture].filter(Boolean).join(' ') || 'unknown GPU'}, Node`;
