// Reconstructions that come later: the same maps, one batch after the other, and nobody's tensors left or lost.
import { keep, memory, mul, slice, tensor, tensor4d, variable, zeros } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { l1ResidualMap, l2ResidualMap, ssimResidualMap, tiledResidualMap } from '../../src/index.js';
import type { TiledResidualMapOptions } from '../../src/index.js';
import { asTensor, randomImages } from '../support/images.js';

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
const options = { tileSize: 8, stride: 4, batchSize: 4, residualMap: l2ResidualMap } as const;
const image = (): Tensor4D => asTensor(randomImages([1, 16, 16, 2], 4));
const dimmed = (tiles: Tensor4D): Tensor4D => mul<Tensor4D>(tiles, 0.8);

/** As another runtime does it: typed arrays in and out. */
async function elsewhere(tiles: Tensor4D): Promise<Tensor4D> {
  const pixels = await tiles.data<'float32'>();
  await later();
  return tensor4d(
    pixels.map((pixel) => Math.fround(pixel * Math.fround(0.8))),
    tiles.shape,
  );
}

type Reconstruct = Parameters<typeof tiledResidualMap>[1];

/** The values of the map, and how many tensors the call left besides it. */
async function run(
  reconstruct: Reconstruct,
  others: Partial<TiledResidualMapOptions> = {},
): Promise<{ readonly values: number[]; readonly left: number }> {
  const x = image();
  const before = memory().numTensors;
  const map = await tiledResidualMap(x, reconstruct, { ...options, ...others });
  const left = memory().numTensors - before - 1;
  const values = [...(await map.data<'float32'>())];
  map.dispose();
  x.dispose();
  return { values, left };
}

/** What the promise is rejected with, and how many tensors the call left. */
async function failure(
  reconstruct: Reconstruct,
  others: Partial<TiledResidualMapOptions> = {},
): Promise<{ readonly error: unknown; readonly left: number }> {
  const x = image();
  const before = memory().numTensors;
  let error: unknown;
  try {
    (await tiledResidualMap(x, reconstruct, { ...options, ...others })).dispose();
  } catch (thrown) {
    error = thrown;
  }
  const left = memory().numTensors - before;
  x.dispose();
  return { error, left };
}

describe.each(['maps', 'reconstructions'] as const)('average: %s', (average) => {
  test('an async reconstruction gives what the sync one gives', async () => {
    for (const residualMap of [l2ResidualMap, ssimResidualMap, l1ResidualMap]) {
      const expected = await run(dimmed, { average, residualMap });
      expect(Math.max(...expected.values)).toBeGreaterThan(0);
      expect(await run(elsewhere, { average, residualMap })).toEqual(expected);
      expect(expected.left).toBe(0);
    }
  });

  test.each<[string, Reconstruct]>([
    ['the tiles themselves', (tiles) => tiles],
    ['the tiles themselves, later', (tiles) => later().then(() => tiles)],
    ['a list of one', (tiles) => [dimmed(tiles)]],
    ['a list of one, later', async (tiles) => [await elsewhere(tiles)]],
    ['a list of the tiles, later', async (tiles) => later().then(() => [tiles])],
    ['a promise at once', (tiles) => Promise.resolve(dimmed(tiles))],
    [
      'what was made before it waits',
      async (tiles) => {
        const made = dimmed(tiles);
        await later();
        return made;
      },
    ],
    [
      'something that is only like a promise',
      (tiles) => ({ then: (use: (y: Tensor) => void) => use(dimmed(tiles)) }) as unknown as Promise<Tensor>,
    ],
  ])('%s: nothing is left', async (name, reconstruct) => {
    const same = name.includes('themselves') || name.includes('the tiles');
    const expected = await run(same ? (tiles) => tiles : dimmed, { average });
    expect(await run(reconstruct, { average })).toEqual(expected);
    expect(expected.left).toBe(0);
  });

  test.each<[string, (y: Tensor4D) => Reconstruct]>([
    ['sync', (y) => () => y],
    ['async', (y) => () => later().then(() => y)],
  ])('a tensor of the caller’s that is kept stays, %s', async (_, returning) => {
    for (const own of [keep(zeros<Tensor4D['rankType']>([4, 8, 8, 2])), variable(zeros([4, 8, 8, 2]))]) {
      const { left } = await run(returning(own as Tensor4D), { average, stride: 8 });
      expect(left).toBe(0);
      expect(own.isDisposed).toBe(false);
      expect(own.dataSync()[0]).toBe(0);
      own.dispose();
    }
  });
});

test('a tensor of the caller’s that a sync function gives stays', async () => {
  const own = zeros<Tensor4D['rankType']>([4, 8, 8, 2]);
  const map = zeros([4, 8, 8, 1]);
  for (const average of ['maps', 'reconstructions'] as const) {
    expect((await run(() => own, { average, stride: 8 })).left).toBe(0);
    expect(own.isDisposed).toBe(false);
  }
  expect((await run(dimmed, { stride: 8, residualMap: () => map })).left).toBe(0);
  expect(map.isDisposed).toBe(false);
  own.dispose();
  map.dispose();
});

test('a function that waits keeps what it has made, and disposes of it', async () => {
  const { left } = await run(async (tiles) => {
    const half = mul(tiles, 0.4);
    await later();
    expect(half.isDisposed).toBe(false);
    const y = mul(half, 2);
    half.dispose();
    return y;
  });
  expect(left).toBe(0);
});

test('batches come one after the other', async () => {
  const events: string[] = [];
  let running = 0;
  await run(
    async (tiles) => {
      expect(++running).toBe(1);
      events.push(`begins ${tiles.shape[0]}`);
      const y = await elsewhere(tiles);
      running--;
      return y;
    },
    { onProgress: (done, total) => events.push(`${done} of ${total}`) },
  );
  expect(events).toEqual(['begins 4', '4 of 9', 'begins 4', '8 of 9', 'begins 1', '9 of 9']);
});

describe('failures leave nothing', () => {
  const atSecond = (fail: (tiles: Tensor4D) => Promise<Tensor | Tensor[]>): Reconstruct => {
    let calls = 0;
    return (tiles) => (++calls === 2 ? fail(tiles) : elsewhere(tiles));
  };

  test.each<[string, (tiles: Tensor4D) => Promise<Tensor | Tensor[]>, string]>([
    ['a rejection', () => later().then(() => Promise.reject(new Error('no session'))), 'no session'],
    ['an error before it waits', () => Promise.reject(new Error('no session')), 'no session'],
    [
      'a wrong shape',
      async (tiles) => {
        await later();
        return slice(tiles, 0, [tiles.shape[0], 7, 8, 2]);
      },
      'the tiles and what reconstruct returns must have the same shape, but got [4, 8, 8, 2] and [4, 7, 8, 2]',
    ],
    [
      'another dtype',
      async () => later().then(() => zeros([4, 8, 8, 2], 'int32')),
      'what reconstruct returns must be of dtype float32, but got int32',
    ],
    [
      'a list of two',
      async (tiles) => [await elsewhere(tiles), zeros([4, 2])],
      'what reconstruct returns must be one tensor, but got a list of 2; pick the one of the image.',
    ],
    [
      'an empty list',
      () => later().then(() => []),
      'what reconstruct returns must be one tensor, but got a list of 0',
    ],
    [
      'tensors by names',
      async (tiles) => ({ image: await elsewhere(tiles) }) as unknown as Tensor,
      'what reconstruct returns must be a tensor, but got an object.',
    ],
    [
      'a typed array',
      async (tiles) => (await tiles.data()) as unknown as Tensor,
      'what reconstruct returns must be a tensor, but got a Float32Array of 512.',
    ],
    [
      'tiles that were disposed',
      async (tiles) => {
        const y = await elsewhere(tiles);
        tiles.dispose();
        return y;
      },
      'what reconstruct takes was disposed before',
    ],
    [
      'a reconstruction that was disposed',
      async (tiles) => {
        const y = await elsewhere(tiles);
        y.dispose();
        return y;
      },
      'what reconstruct returns was disposed before',
    ],
  ])('%s in the second batch', async (_, fail, text) => {
    for (const average of ['maps', 'reconstructions'] as const) {
      const { error, left } = await failure(atSecond(fail), { average });
      expect((error as Error).message).toContain(text);
      expect(left).toBe(0);
    }
  });

  test('a residual map that throws, gives a wrong shape or a promise', async () => {
    for (const [residualMap, text] of [
      [() => tensor([1]), 'what residualMap returns must have shape'],
      [() => later() as unknown as Tensor, 'what residualMap returns must be a tensor, but got a Promise'],
      [
        (): Tensor => {
          throw new Error('no map');
        },
        'no map',
      ],
    ] as const) {
      const { error, left } = await failure(elsewhere, { residualMap });
      expect((error as Error).message).toContain(text);
      expect(left).toBe(0);
    }
  });

  test('a signal that ends the work while a batch is on its way, and one that is none', async () => {
    const controller = new AbortController();
    let calls = 0;
    const { error, left } = await failure(
      async (tiles) => {
        calls++;
        controller.abort(new Error('enough'));
        return elsewhere(tiles);
      },
      { signal: controller.signal },
    );
    expect((error as Error).message).toBe('enough');
    expect([calls, left]).toEqual([1, 0]);
    const wrong = await failure(elsewhere, { signal: controller as unknown as AbortSignal });
    expect((wrong.error as Error).message).toBe(
      'tiledResidualMap: signal must be the signal of an AbortController, but got an AbortController.',
    );
  });

  test('progress that throws', async () => {
    const { error, left } = await failure(elsewhere, {
      onProgress: () => {
        throw new Error('no bar');
      },
    });
    expect((error as Error).message).toBe('no bar');
    expect(left).toBe(0);
  });

  test('an image that is disposed on the way', async () => {
    const x = image();
    const before = memory().numTensors;
    const call = tiledResidualMap(
      x,
      async (tiles) => {
        x.dispose();
        return elsewhere(tiles);
      },
      { ...options, average: 'reconstructions' },
    );
    await expect(call).rejects.toThrow('tiledResidualMap: image was disposed before');
    expect(memory().numTensors).toBe(before - 1);
  });
});
