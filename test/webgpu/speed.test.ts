// `npm run bench:gpu`, from the folder that it packs: on a machine with nothing but a GPU, or what stands in for one.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readArguments, usage } from '../../bench/speed/gpu/arguments.js';
import { InputError } from '../../bench/running/inputError.js';
import { command } from '../support/command.js';

const main = fileURLToPath(new URL('../../bench/speed/gpu/main.ts', import.meta.url));
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssim-ae-gpu-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Report {
  readonly device: string;
  readonly results: readonly { readonly rows: readonly Record<string, unknown>[] }[];
  readonly training: { readonly results: readonly { readonly step: { readonly median: number } }[] };
}

test('the packed folder is small, and measures what must agree', { timeout: 300_000 }, async () => {
  const packed = join(folder, 'packed');
  const { code, error } = await command(main, ['--pack', packed], folder);
  expect(code, error).toBe(0);
  const files = readdirSync(packed, { recursive: true, encoding: 'utf8' }).map((file) => join(packed, file));
  const bytes = files
    .map((file) => statSync(file))
    .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
  expect(bytes).toBeLessThan(60e6);

  const options = '--quick --shapes 1x16x16x1 --runs 1 --out results'.split(' ');
  const env = { ...process.env, PATH: '/usr/bin:/bin', NODE_PATH: '' };
  await promisify(execFile)(join(packed, 'run.sh'), options, { cwd: folder, env });
  const { device, results, training } = JSON.parse(
    readFileSync(join(folder, 'results/gpu.json'), 'utf8'),
  ) as Report;
  expect(device).toMatch(/\S, Node$/);
  const [fused, composed, sum, kernel] = results[0]!.rows;
  for (const row of [fused, composed, kernel]) {
    expect(row!['value']).toHaveProperty('median');
    expect(row!['gradient']).toHaveProperty('median');
    expect(row!['ssim']).toBeCloseTo(kernel!['ssim'] as number, 4);
  }
  expect(sum!['value']).toHaveProperty('median');
  expect(training.results.map(({ step }) => step.median > 0)).toEqual([true, true, true]);
});

describe('arguments', () => {
  test('without any, what is to be measured', () => {
    expect(readArguments([])).toMatchObject({ training: { size: 128, batch: 128 }, pack: undefined });
    expect(readArguments([])!.shapes.at(-1)).toEqual([5, 1080, 1920, 5]);
    expect(readArguments(['--help'])).toBeUndefined();
    expect(usage).toContain('--pack');
  });
  test.each([
    ['--shapes 8x8', /--shapes: '8x8' is not/],
    ['--training 20,2', /multiple of 16/],
    ['--training 32', /--training must be a whole number/],
    ['--runs 0', /--runs must be a whole number of at least 1/],
    ['--depth 3', /--depth/],
  ])('%s', (line, message) => {
    expect(() => readArguments(line.split(' '))).toThrow(InputError);
    expect(() => readArguments(line.split(' '))).toThrow(message);
  });
});
