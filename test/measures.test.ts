// What holds for every measure of the list, and that the list has all of them.
import { randomUniform } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import * as library from '../src/index.js';
import { asTensor, naturalImages } from './support/images.js';
import { measures, otherTensorFunctions } from './support/measures.js';

/** Exports of numbers and typed arrays, by the rooms they come from. */
const ofArrays =
  /^(auPimo|auPro|averagePrecision|bestF1|connectedRegions|cyclicalAnnealing|dice|iou|linearAnnealing|openMask|pimo\w*|precisionRecallCurve|presets|pro[AC]\w*|removeSmallRegions|rocAuc|rocCurve|score\w*|segment|thresholdAt\w*)$/;

test('every export is a measure, another function of tensors, or one of arrays', () => {
  const known = new Set<string>([...measures.map(({ name }) => name), ...otherTensorFunctions]);
  const missing = Object.keys(library).filter((name) => !known.has(name) && !ofArrays.test(name));
  expect(missing, 'add it to test/support/measures.ts').toEqual([]);
  expect([...known].filter((name) => !(name in library))).toEqual([]);
});

test.each(measures)('$name of equal images, every variant', ({ call, variants, perfect, volumes }) => {
  const batches: Tensor[] = [asTensor(naturalImages([2, 12, 12, 2], 1))];
  if (volumes) batches.push(randomUniform([1, 12, 12, 12, 1], 0, 1, 'float32', 1));
  for (const x of batches) {
    for (const { name, options } of variants) {
      for (const value of call(x, x, options)) {
        expect(
          value.dataSync<'float32'>().every((number) => number === perfect),
          `${name}, rank ${x.rank}`,
        ).toBe(true);
      }
    }
  }
});
