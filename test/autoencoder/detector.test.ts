import * as fs from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect as format } from 'node:util';
import { io, memory, slice, zeros } from '@tensorflow/tfjs-core';
import type { Rank } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  autoencoder,
  defectDetector,
  folderHandler,
  loadDetector,
  trainAutoencoder,
} from '../../src/autoencoder.js';
import type { DefectDetector } from '../../src/autoencoder.js';
import { connectedRegions, l2ResidualMap } from '../../src/index.js';
import { patched, stripes } from '../support/stripes.js';

let model: LayersModel;
let detector: DefectDetector;
const held = stripes(19, 40, 1, 7);
const folder = mkdtempSync(join(tmpdir(), 'ssim-ae-detector-'));
beforeAll(async () => {
  model = autoencoder({ architecture: 'paper', size: 16, width: 0.5, latent: 8, seed: 1 });
  await trainAutoencoder(model, stripes(8), { steps: 200, learningRate: 3e-3, seed: 1 });
  detector = await defectDetector(model, held, { falseAlarmRate: 0.05 });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a detector', () => {
  test('finds a grey square, and where it is', async () => {
    // So large that the square, with what the map smooths, covers less than half of it.
    const side = 48;
    const before = memory().numTensors;
    const image = patched(side);
    const { map, mask, score, threshold, defective, regions, doubts } = await detector.inspect(image);
    image.dispose();
    expect(memory().numTensors).toBe(before);
    expect(defective).toBe(true);
    expect(score).toBeGreaterThan(threshold);
    expect(threshold).toBe(detector.threshold);
    expect(doubts).toEqual([]);
    expect([map.data.length, map.height, map.width, mask.length]).toEqual([
      side * side,
      side,
      side,
      side * side,
    ]);
    const peak = map.data.indexOf(Math.max(...map.data));
    expect(Math.abs(Math.floor(peak / side) - 15.5)).toBeLessThan(1);
    expect(Math.abs((peak % side) - 19.5)).toBeLessThan(1);
    for (let row = 12; row < 20; row++) {
      expect(mask.subarray(side * row + 16, side * row + 24).every((value) => value === 1)).toBe(true);
    }
    expect(regions[0]!.score).toBe(Math.max(...map.data));
    // The mask is what the regions are of, and every region holds a pixel that makes the image defective.
    expect(connectedRegions(mask, { height: side, width: side }).count).toBe(regions.length);
    expect(regions.every((region) => region.score! >= threshold)).toBe(true);
    expect(map.data.every((value, k) => mask[k] === 0 || value >= detector.pixelThreshold)).toBe(true);
  });

  test('does not take the edges of a good image for the worst of it', async () => {
    let atEdge = 0;
    const others = stripes(30, 40, 1, 9);
    for (let k = 0; k < 30; k++) {
      const { map } = await detector.inspect(slice(others, k, 1));
      const place = map.data.indexOf(Math.max(...map.data));
      const [row, column] = [Math.floor(place / 40), place % 40];
      atEdge += Number(Math.min(row, column, 39 - row, 39 - column) < 4);
    }
    // They take up 36 % of the area.
    expect(atEdge).toBeLessThan(20);
  });

  test('keeps its rate of false alarms', async () => {
    const others = stripes(60, 40, 1, 8);
    let alarms = 0;
    for (let k = 0; k < 60; k++) {
      const { defective, mask, regions } = await detector.inspect(slice(others, k, 1));
      alarms += Number(defective);
      if (!defective) expect([mask.includes(1), regions.length]).toEqual([false, 0]);
    }
    // 3 are expected; its rate is one of a beta distribution, (19, 1).
    expect(alarms).toBeLessThan(14);
  });

  test('good images that gave the threshold do not exceed it, but for the share', async () => {
    const verdicts: boolean[] = [];
    for (let k = 0; k < 19; k++) verdicts.push((await detector.inspect(slice(held, k, 1))).defective);
    expect(verdicts.filter(Boolean)).toHaveLength(0);
    const lenient = await defectDetector(model, held, { falseAlarmRate: 0.25 });
    expect(lenient.threshold).toBeLessThan(detector.threshold);
    let exceeding = 0;
    for (let k = 0; k < 19; k++) exceeding += Number((await lenient.inspect(slice(held, k, 1))).defective);
    expect(exceeding).toBe(4); // ⌊20 · 0.25⌋ − 1
  });

  test('takes pixels as a canvas gives them', async () => {
    const values = patched().dataSync();
    const data = new Uint8ClampedArray(4 * values.length);
    values.forEach((value, k) => data.fill(255 * value, 4 * k, 4 * k + 3));
    const ofPixels = await detector.inspect({ data, width: 32, height: 32 });
    const ofTensor = await detector.inspect(patched());
    expect(ofPixels.defective).toBe(true);
    expect(Math.abs(ofPixels.score - ofTensor.score)).toBeLessThan(0.02);
  });

  test('small regions do not count below the least area', async () => {
    const large = await defectDetector(model, held, { falseAlarmRate: 0.05, minimumArea: 16 });
    const { regions, mask, score } = await large.inspect(patched());
    expect(regions.length).toBeGreaterThan(0);
    expect(regions.every(({ area }) => area >= 16)).toBe(true);
    expect(mask.includes(1)).toBe(true);
    expect(score).toBeLessThan((await detector.inspect(patched())).score);
    const small = await large.inspect(patched(32, 12, 16, 1));
    expect(small.defective).toBe(false);
  });

  test('is printed in a line, with inspect left alone', () => {
    expect(format(detector)).toMatch(/^DefectDetector { threshold: [\d.]+, falseAlarmRate: 0.05 }$/);
  });

  test('doubts a verdict on images that are unlike all good ones', async () => {
    const other = zeros([1, 32, 32, 1]);
    const { doubts } = await detector.inspect(other);
    expect(doubts.map(({ what }) => what)).toEqual(['other images']);
  });
});

describe('saved and loaded', () => {
  const saved = async (given: DefectDetector): Promise<io.ModelArtifacts> => {
    let artifacts: io.ModelArtifacts | undefined;
    await given.save(
      io.withSaveHandler((all) => {
        artifacts = all;
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
      }),
    );
    return artifacts!;
  };

  test('in a folder of plain files, it says the same', async () => {
    const place = folderHandler(join(folder, 'deep', 'detector'), fs);
    await detector.save(place);
    expect((await fs.readdir(join(folder, 'deep', 'detector'))).sort()).toEqual([
      'model.json',
      'weights.bin',
    ]);
    const loaded = await loadDetector(place);
    const [before, after] = [await detector.inspect(patched()), await loaded.inspect(patched())];
    expect(after).toEqual(before);
    expect([loaded.threshold, loaded.pixelThreshold, loaded.falseAlarmRate]).toEqual([
      detector.threshold,
      detector.pixelThreshold,
      0.05,
    ]);
  });

  test('the model alone is a model of tfjs-layers; what it had noted is kept', async () => {
    model.setUserDefinedMetadata({ note: 'mine' });
    const artifacts = await saved(detector);
    expect(artifacts.userDefinedMetadata).toMatchObject({ note: 'mine', 'ssim-ae': { version: 1 } });
    expect(model.getUserDefinedMetadata()).toEqual({ note: 'mine' });
    const plain = await loadLayersModel(io.fromMemory(artifacts));
    expect(plain.countParams()).toBe(model.countParams());
  });

  test.each(['l1AndGms', 'smoothedL1', 'ssim'] as const)('it keeps its map, %s', async (residualMap) => {
    const own = await defectDetector(model, held, { falseAlarmRate: 0.05, residualMap });
    const artifacts = await saved(own);
    expect(artifacts.userDefinedMetadata).toMatchObject({ 'ssim-ae': { residualMap } });
    const loaded = await loadDetector(io.fromMemory(artifacts));
    expect(await loaded.inspect(patched())).toEqual(await own.inspect(patched()));
    const isDefault = own.threshold === detector.threshold;
    expect(isDefault).toBe(residualMap === 'l1AndGms');
  });

  test('a map of one’s own is given again', async () => {
    const own = await defectDetector(model, held, { falseAlarmRate: 0.05, residualMap: l2ResidualMap });
    const artifacts = await saved(own);
    await expect(loadDetector(io.fromMemory(artifacts))).rejects.toThrow(/give it again as { residualMap }/);
    const loaded = await loadDetector(io.fromMemory(artifacts), { residualMap: l2ResidualMap });
    expect(await loaded.inspect(patched())).toEqual(await own.inspect(patched()));
  });

  test('what is no detector, a later one, or an unknown place is refused', async () => {
    const artifacts = await saved(detector);
    const { userDefinedMetadata, ...plain } = artifacts;
    await expect(loadDetector(io.fromMemory(plain))).rejects.toThrow(/without the thresholds of a detector/);
    const later = {
      ...plain,
      userDefinedMetadata: {
        'ssim-ae': { ...(userDefinedMetadata!['ssim-ae' as never] as object), version: 2 },
      },
    };
    await expect(loadDetector(io.fromMemory(later))).rejects.toThrow(/later version/);
    await expect(detector.save('file://here')).rejects.toThrow(/in Node give folderHandler\(folder, fs\)/);
    await expect(detector.save(undefined as never)).rejects.toThrow(TypeError);
    expect(() => folderHandler('here', {} as never)).toThrow(/node:fs\/promises/);
    expect(() => folderHandler(7 as never, fs)).toThrow(TypeError);
  });
});

test.each<[string, () => Promise<unknown>, ErrorConstructor, string]>([
  [
    'too few images',
    () => defectDetector(model, held),
    RangeError,
    'takes at least 99 good images that were not trained on, but got 19; give more of them, or falseAlarmRate: 0.05',
  ],
  ['one image', () => defectDetector(model, slice(held, 0, 1)), RangeError, 'but got 1'],
  [
    'an untrained model',
    () => defectDetector(autoencoder({ size: 16 }), held, { falseAlarmRate: 0.05 }),
    RangeError,
    'train it first',
  ],
  [
    'colour',
    () => defectDetector(model, zeros<Rank.R4>([19, 20, 20, 3]), { falseAlarmRate: 0.05 }),
    RangeError,
    '3 channels',
  ],
  [
    'an unknown map',
    () => defectDetector(model, held, { residualMap: 'gms' as 'ssim' }),
    TypeError,
    `'l1AndGms', 'smoothedL1', 'ssim'`,
  ],
  ['a rate', () => defectDetector(model, held, { falseAlarmRate: 1 }), RangeError, 'falseAlarmRate'],
  ['a stride', () => defectDetector(model, held, { stride: 17 }), RangeError, 'stride'],
  ['an option', () => defectDetector(model, held, { rate: 0.1 } as object), TypeError, 'unknown option'],
  [
    'a small image',
    () => detector.inspect(zeros<Rank.R3>([8, 20, 1])),
    RangeError,
    'inspect: image is 8×20 pixels',
  ],
  ['two images', () => detector.inspect(held), RangeError, 'inspect: image must be one image'],
  ['a promise', () => detector.inspect(Promise.resolve() as never), TypeError, 'inspect: image'],
])('refuses %s', async (_, call, kind, text) => {
  const outcome: unknown = await call().catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(kind);
  expect((outcome as Error).message).toContain(text);
});

test('a signal stops it between two images', async () => {
  const controller = new AbortController();
  const before = memory().numTensors;
  const stopped = defectDetector(model, held, {
    falseAlarmRate: 0.05,
    signal: controller.signal,
    onProgress: (done) => (done === 2 ? controller.abort() : undefined),
  });
  await expect(stopped).rejects.toThrow(/abort/i);
  expect(memory().numTensors).toBe(before);
});
