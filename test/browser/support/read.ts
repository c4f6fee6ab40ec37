// Reading what was computed on a GPU, where a program that failed leaves what its buffer held before.
import { fill, keep, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** What `compute` gives, disposed of. Awaited: on webgpu dataSync may return zeros. */
export async function readAll(compute: () => readonly Tensor[]): Promise<Float32Array[]> {
  const kept: Tensor[] = [];
  tidy(() => {
    for (const tensor of compute()) kept.push(keep(tensor));
  });
  const values = await Promise.all(kept.map(async (tensor) => (await tensor.data<'float32'>()).slice()));
  for (const tensor of kept) tensor.dispose();
  return values;
}

/** What no measure gives. */
export const sentinel = 7777;

/** Fills buffers of these sizes and frees them: the backend hands them out next. */
export async function fillFreedBuffers(sizes: readonly number[]): Promise<void> {
  const filled = sizes.flatMap((size) => [1, 2, 3, 4].map(() => fill([size], sentinel)));
  await Promise.all(filled.map((tensor) => tensor.data()));
  for (const tensor of filled) tensor.dispose();
}
