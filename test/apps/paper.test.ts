// `npm run bench:defects` trains in Chromium, which draws by software where there is no GPU.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command } from '../support/command.js';
import { writeSet } from '../support/set.js';

const main = fileURLToPath(new URL('../../bench/paper/main.ts', import.meta.url));
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ssim-ae-paper-'));
  await writeSet(join(folder, 'set'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('in a browser the same steps are taken as on wasm', { timeout: 300_000 }, async () => {
  const losses = async (backend: string): Promise<number[]> => {
    const line =
      '--data set --size 16 --width 0.1 --latent 4 --steps 3 --batch 2 --samples 2 --models VAE,SSIM ' +
      `--backend ${backend} --out ${backend}`;
    const { code, error } = await command(main, line.split(' '), folder);
    expect(code, error).toBe(0);
    const text = readFileSync(join(folder, backend, 'set/report.json'), 'utf8');
    const { models } = JSON.parse(text) as { models: { losses: number[]; device: string }[] };
    expect(models.every(({ device }) => device.length > 0)).toBe(true);
    return models.flatMap((model) => model.losses);
  };
  const [wasm, webgl] = [await losses('wasm'), await losses('webgl')];
  expect(webgl).toHaveLength(6);
  webgl.forEach((loss, k) => expect(loss / wasm[k]!).toBeCloseTo(1, 2));
});
