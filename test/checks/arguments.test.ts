// What every public function refuses: options and arguments that it does not know, without leaving a tensor.
import { dispose, memory, ones, zeros } from '@tensorflow/tfjs-core';
import type { Tensor, TensorContainer } from '@tensorflow/tfjs-core';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import * as library from '../../src/index.js';
import * as kernels from '../../src/kernels.js';
import { publicMethods, publicFunctions, publicValues } from '../support/publicFunctions.js';
import type { PublicFunction } from '../support/publicFunctions.js';

test('the list has every export', () => {
  const listed = [...publicFunctions.map(({ name }) => name), ...publicValues];
  expect(listed.sort()).toEqual(Object.keys({ ...library, ...kernels }).sort());
});

/** What a call throws or its promise is rejected with, and how many tensors it leaves. */
async function outcomeOf(call: () => unknown): Promise<{ thrown: unknown; left: number }> {
  const before = memory().numTensors;
  let thrown: unknown;
  try {
    const result: unknown = await call();
    dispose(result as TensorContainer);
  } catch (caught) {
    thrown = caught;
  }
  return { thrown, left: memory().numTensors - before };
}

/** A TypeError of this function that has this text, and nothing left. */
async function refuses(told: string, call: () => unknown, text: string): Promise<void> {
  const { thrown, left } = await outcomeOf(call);
  expect(thrown, `${told} took ${text}`).toBeInstanceOf(TypeError);
  expect((thrown as Error).message.slice(0, told.length + 1)).toBe(`${told}:`);
  expect((thrown as Error).message).toContain(text);
  expect(left).toBe(0);
}

/** Options that exclude another one of those that the list gives. */
const rivals: Readonly<Record<string, string>> = { levelWeights: 'levels', sigma: 'logSigma' };

/** The options of a function, as it lists them for a name that is like none of them. */
async function namesOfOptions({ call, before }: PublicFunction): Promise<string[]> {
  const { thrown } = await outcomeOf(() => call(...before(), { qqqqqqqqqqqq: 1 }));
  return /; known are (.*)\.$/.exec((thrown as Error).message)![1]!.split(', ');
}

const options = ({ options }: PublicFunction): Readonly<Record<string, unknown>> => options?.() ?? {};

describe.each([...publicFunctions, ...publicMethods])('$name', (given) => {
  const { told, call, before } = given;
  const known = given.options !== undefined;

  test('takes what it knows, from another realm too', async () => {
    const args = [...before(), ...(known ? [options(given)] : [])];
    expect((await outcomeOf(() => call(...args))).thrown).toBeUndefined();
    expect((await outcomeOf(() => call(...args, undefined))).thrown).toBeUndefined();
    if (!known) return;
    const assigned = runInNewContext('(options) => Object.assign({}, options)') as (from: object) => object;
    const foreign = assigned(options(given));
    expect(foreign).not.toBeInstanceOf(Object);
    expect((await outcomeOf(() => call(...before(), foreign))).thrown).toBeUndefined();
    const bare = Object.assign(Object.create(null) as object, options(given));
    expect((await outcomeOf(() => call(...before(), bare))).thrown).toBeUndefined();
  });

  test.runIf(known)('refuses options that it does not know', async () => {
    const args = before();
    const good = options(given);
    await refuses(told, () => call(...args, { ...good, nonsense: 1 }), '"nonsense"');
    await refuses(told, () => call(...args, { ...good, nonsense: undefined }), '"nonsense"');
    const inherited = Object.assign(Object.create({ nonsense: 1 }) as object, good);
    await refuses(told, () => call(...args, inherited), '"nonsense"');
    for (const name of Object.keys(good)) {
      await refuses(told, () => call(...args, { ...good, [name]: null }), name);
    }
  });

  test.runIf(known)('refuses what are no options', async () => {
    const args = before();
    const tensor = ones([2]);
    const wrong: readonly [unknown, string][] = [
      [null, 'null'],
      [[], 'an array of 0'],
      [7, '7'],
      ['text', '"text"'],
      [true, 'true'],
      [() => ({}), 'function'],
      [new Map([['windowSize', 7]]), 'a Map'],
      [Promise.resolve({}), 'a Promise'],
      [new Float32Array(0), 'a Float32Array'],
      [tensor, 'a float32 tensor'],
    ];
    for (const [value, text] of wrong) await refuses(told, () => call(...args, value), text);
    tensor.dispose();
  });

  test.runIf(known)('names the option whose value is none that it takes', async () => {
    const args = before();
    const good = options(given);
    const names = await namesOfOptions(given);
    expect(names).toEqual(expect.arrayContaining(Object.keys(good)));
    for (const name of names) {
      const others = Object.entries(good).filter(([other]) => other !== rivals[name]);
      // No option takes any text but a few words of its own.
      const wrong = { ...Object.fromEntries(others), [name]: 'wrong' };
      const { thrown, left } = await outcomeOf(() => call(...args, wrong));
      expect(thrown, name).toBeInstanceOf(TypeError);
      expect((thrown as Error).message).toMatch(new RegExp(`^${told}: ${name}[ [].*"wrong"`));
      expect(left).toBe(0);
    }
  });

  test('refuses arguments that it does not know', async () => {
    const args = [...before(), ...(known ? [options(given)] : [])];
    const most = args.length;
    const takes = most === 0 ? 'no arguments' : most === 1 ? 'one argument' : `at most ${most} arguments`;
    for (const between of [[], [undefined], [{}]]) {
      const text =
        `takes ${takes}, but got ${most + between.length + 1}; ` +
        'it does not know what to do with { nonsense, more }.';
      await refuses(told, () => call(...args, ...between, { nonsense: 7, more: 8 }), text);
    }
    for (const [value, text] of [
      [null, 'null'],
      [[], 'an array of 0'],
      [7, '7'],
    ] as const) {
      await refuses(told, () => call(...args, value), text);
    }
  });
});

describe('functions that functions give', () => {
  const x = zeros([1, 12, 12, 1]);

  test('a bound loss takes no other options', async () => {
    const loss = library.withOptions(library.ssimLoss, { windowSize: 3 }) as (...args: unknown[]) => Tensor;
    expect((await outcomeOf(() => loss(x, x))).thrown).toBeUndefined();
    expect((await outcomeOf(() => loss(x, x, undefined))).thrown).toBeUndefined();
    await refuses('ssimLoss', () => loss(x, x, { windowSize: 5 }), 'windowSize');
    await refuses('ssimLoss', () => loss(x, x, null), 'null');
  });

  test('a bound loss refuses options that it does not know', async () => {
    const bind = library.withOptions as unknown as (
      ...args: unknown[]
    ) => (yTrue: Tensor, yPred: Tensor) => Tensor;
    for (const loss of [library.ssimLoss, library.l1ResidualMap, library.l1Loss]) {
      await refuses(loss.name, () => bind(loss, { nonsense: 7 })(x, x), 'nonsense');
      await refuses(loss.name, () => bind(loss, null)(x, x), 'null');
      await refuses(loss.name, () => bind(loss, [])(x, x), 'an array of 0');
    }
  });

  test('lists of values can be mapped by functions of one', () => {
    const state = library.scoreAccumulator().toJSON();
    expect([state, state].map(library.scoreAccumulatorFromJSON)).toHaveLength(2);
    const rgb = zeros([1, 4, 4, 3]);
    expect([rgb, rgb].map(library.luma as (x: Tensor) => Tensor)).toHaveLength(2);
  });
});
