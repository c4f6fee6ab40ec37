import { memory, tensor4d, zeros } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { corrupt } from '../../src/autoencoder.js';
import type { CorruptOptions } from '../../src/autoencoder.js';
import { corruptions } from '../../src/autoencoder/spoil.js';
import { stripes } from '../support/stripes.js';

const images = stripes(8, 32, 3);
const given = [...images.dataSync()];
const spoilt = async (options: CorruptOptions): Promise<number[]> => [
  ...(await corrupt(images, options)).dataSync(),
];

describe.each(corruptions)('%s', (kind) => {
  test('changes a part of every image, within [0, 1], and the same part for a seed', async () => {
    const values = await spoilt({ kinds: [kind], whole: 0, seed: 4 });
    expect([...images.dataSync()]).toEqual(given);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
    const length = 32 * 32 * 3;
    const changed = Array.from({ length: 8 }, (_, n) => {
      const own = values.slice(n * length, (n + 1) * length);
      return own.filter((value, k) => value !== given[n * length + k]).length / length;
    });
    // A place may lie beyond an edge.
    expect(changed.filter((share) => share > 0.002).length).toBeGreaterThan(5);
    expect(Math.max(...changed)).toBeLessThan(0.8);
    expect(await spoilt({ kinds: [kind], whole: 0, seed: 4 })).toEqual(values);
    expect(await spoilt({ kinds: [kind], whole: 0, seed: 5 })).not.toEqual(values);
  });
});

test('whole images stay whole', async () => {
  expect(await spoilt({ whole: 1 })).toEqual(given);
});

test('leaves nothing behind but what it returns', async () => {
  const before = memory().numTensors;
  const y = await corrupt(images, { seed: 1 });
  expect(memory().numTensors).toBe(before + 1);
  y.dispose();
});

test('a single image, and one without contrast', async () => {
  const flat = tensor4d(new Float32Array(256).fill(0.5), [1, 16, 16, 1]);
  for (const kind of corruptions) {
    const values = (await corrupt(flat, { kinds: [kind], seed: 1, whole: 0 })).dataSync();
    expect([...values].every(Number.isFinite)).toBe(true);
  }
});

test.each<[unknown, object, ErrorConstructor, string]>([
  [zeros([2, 8, 8, 1], 'int32'), {}, TypeError, 'corrupt: images'],
  [zeros([8, 8, 1]), {}, RangeError, 'corrupt: images'],
  [images, { kinds: [] }, RangeError, 'kinds is empty'],
  [images, { kinds: 'noise' }, TypeError, 'kinds must be a list'],
  [images, { kinds: ['holes'] }, TypeError, 'kinds[0] must be one of'],
  [images, { places: 0 }, RangeError, 'corrupt: places'],
  [images, { whole: 2 }, RangeError, 'corrupt: whole'],
  [images, { seed: Infinity }, RangeError, 'corrupt: seed'],
  [images, { sed: 1 }, TypeError, 'did you mean "seed"'],
])('refuses %#', async (x, options, kind, text) => {
  const before = memory().numTensors;
  const outcome: unknown = await corrupt(x as Tensor4D, options).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(kind);
  expect((outcome as Error).message).toContain(text);
  expect(memory().numTensors).toBe(before);
});
