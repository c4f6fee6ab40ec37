// `npm run bench:defects -- --backend webgpu` trains in Node.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ended } from '../support/command.js';
import { command } from '../support/command.js';
import { writeSet } from '../support/set.js';

const main = fileURLToPath(new URL('../../bench/paper/main.ts', import.meta.url));
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ssim-ae-webgpu-'));
  await writeSet(join(folder, 'set'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const bench = (backend: string, out = backend, env: NodeJS.ProcessEnv = {}): Promise<Ended> => {
  const line =
    '--data set --size 16 --width 0.1 --latent 4 --steps 3 --batch 2 --samples 1 --stride 16 --models l2,SSIM --threads 1 ' +
    `--backend ${backend} --out ${out}`;
  // No browser stands in for a GPU.
  return command(main, line.split(' '), folder, { CHROMIUM_PATH: '/nowhere/chromium', ...env });
};

test('the same steps are taken as on wasm', async () => {
  const report = async (backend: string): Promise<{ losses: number[]; devices: string[] }> => {
    const { code, error } = await bench(backend);
    expect(code, error).toBe(0);
    const text = readFileSync(join(folder, backend, 'set/report.json'), 'utf8');
    const { models } = JSON.parse(text) as { models: { losses: number[]; device: string }[] };
    return {
      losses: models.flatMap((model) => model.losses),
      devices: models.map(({ device }) => device),
    };
  };
  const [wasm, webgpu] = [await report('wasm'), await report('webgpu')];
  expect(webgpu.losses).toHaveLength(6);
  webgpu.losses.forEach((loss, k) => expect(loss / wasm.losses[k]!).toBeCloseTo(1, 2));
  for (const device of webgpu.devices) expect(device).toMatch(/\S, Node$/);
});

test('without a GPU, and nothing in its place, one line says what to install', async () => {
  const { code, error } = await bench('webgpu', 'none', {
    VK_DRIVER_FILES: '/nowhere',
    VK_ADD_DRIVER_FILES: '',
  });
  expect(code).toBe(1);
  expect(error.trimEnd().split('\n').at(-1)).toMatch(
    /^bench:defects: \S+: --backend webgpu: neither Vulkan, .* shows a GPU; install .*libvulkan1/,
  );
});
