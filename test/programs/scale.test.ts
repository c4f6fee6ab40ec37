import { execFileSync, execSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auPro, rocAuc } from '../../src/index.js';
import { generator } from '../metrics/support/shards.js';
import { blocksOf } from '../house/support/examples.js';
import { freshProject } from '../house/support/freshProject.js';
import { partsOf } from '../house/support/pasted.js';
import { root } from '../house/support/source.js';

// docs/scale.md as its reader would use it: its files, with the package as it was built, in processes of their own.
const page = readFileSync(join(root, 'docs', 'scale.md'), 'utf8');
const parts = partsOf(page);
const project = freshProject();
const { folder } = project;
const [images, side] = [20, 256];
const random = generator(17);
const maps: Float32Array[] = [];
const masks: Uint8Array[] = [];
let lines: string[] = [];

const hasParallel = (() => {
  try {
    return execSync('parallel --version', { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).includes(
      'GNU parallel',
    );
  } catch {
    return false;
  }
})();

/** Debian's python3-distributed, with the Python that it belongs to. */
const dask = '/usr/bin/dask-scheduler';
const hasDask = existsSync(dask);

beforeAll(() => {
  project.install(parts.packages);
  for (const { name, code } of parts.files) project.write(name, code);
  for (let image = 0; image < images; image++) {
    const [y0, x0, size] = [0, 0, 0].map(() => Math.floor(8 + 100 * random())) as [number, number, number];
    const mask = Uint8Array.from({ length: side * side }, (_, i) => {
      const [y, x] = [Math.floor(i / side) - y0, (i % side) - x0];
      return image % 2 === 0 && y >= 0 && y < size && x >= 0 && x < size ? 1 : 0;
    });
    const map = Float32Array.from(mask, (value) => random() + random() + 0.5 * value);
    writeFileSync(join(folder, `${image}.map`), new Uint8Array(map.buffer));
    writeFileSync(join(folder, `${image}.mask`), mask);
    maps.push(map);
    masks.push(mask);
  }
  lines = maps.map((_, image) => `${image}.map\t${image}.mask\n`);
  writeFileSync(join(folder, 'list.tsv'), lines.join(''));
});

afterAll(() => project.remove());

interface Figures {
  readonly rocAuc: { readonly value: number; readonly errorBound: number };
  readonly auPro: { readonly value: number; readonly errorBound: number };
}

const node = (script: string, input: string, cwd = folder): string =>
  execFileSync(process.execPath, [script], { cwd, input, encoding: 'utf8', maxBuffer: 2 ** 28 });

describe('docs/scale.md', () => {
  // More pixels than are kept: figures out of bins, with their bounds.
  const inProcesses = (shares: readonly (readonly string[])[]): Figures =>
    JSON.parse(
      node('merge.mjs', shares.map((share) => node('shard.mjs', share.join(''))).join('')),
    ) as Figures;

  test('processes that share the images in any way give the same figures, within their bounds', () => {
    const one = inProcesses([lines]);
    const odd = lines.filter((_, i) => i % 2 === 1);
    const even = lines.filter((_, i) => i % 2 === 0);
    expect(inProcesses([odd, even.slice(4).reverse(), even.slice(0, 4)])).toEqual(one);
    const scores = Float32Array.from(maps.flatMap((map) => [...map]));
    const labels = Uint8Array.from(masks.flatMap((mask) => [...mask]));
    const exact = {
      rocAuc: rocAuc(scores, labels),
      auPro: auPro(maps, masks, { height: side, width: side }),
    };
    for (const name of ['rocAuc', 'auPro'] as const) {
      const { value, errorBound } = one[name];
      expect(Math.abs(value - exact[name])).toBeLessThanOrEqual(errorBound);
      expect(errorBound).toBeGreaterThan(0);
      expect(errorBound).toBeLessThan(1e-3);
    }
  });

  test('worker threads do, too', () => {
    expect(JSON.parse(node('threads.mjs', ''))).toEqual(inProcesses([lines]));
  });

  test.runIf(hasParallel)('and the command line of GNU parallel', () => {
    const command = blocksOf(page).find(
      ({ info, code }) => info === 'sh' && code.startsWith('parallel'),
    )!.code;
    expect(JSON.parse(execSync(command, { cwd: folder, encoding: 'utf8' }))).toEqual(inProcesses([lines]));
  });

  describe.runIf(hasDask)('Dask', () => {
    const inside = join(folder, 'dask');
    const [count, daskSide] = [240, 64];
    const processes: ChildProcess[] = [];
    afterAll(() => processes.forEach((one) => one.kill('SIGKILL')));

    const start = (command: string): ChildProcess => {
      const [program, ...options] = command.replace(/ &$/, '').split(' ');
      const started = spawn(program!.replace(/^(?=python3|dask-)/, '/usr/bin/'), options, {
        cwd: inside,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      processes.push(started);
      return started;
    };
    const until = async (holds: () => boolean): Promise<void> => {
      while (!holds()) await setTimeout(20);
    };
    /** A worker that waits for a program that it has started. */
    const works = ({ pid }: ChildProcess): boolean =>
      readdirSync(`/proc/${pid}/task`).some(
        (task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8') !== '',
      );

    test('240 maps on two workers, one of which is killed at work, give the figures of one process', async () => {
      const blocks = blocksOf(page);
      const commands = blocks
        .find(({ code }) => code.startsWith('dask-'))!
        .code.trim()
        .split('\n');
      const [scheduler, first, second, shares] = commands.map((command) => command.replace(/ \|.*/, ''));
      const all = Array.from({ length: count }, (_, k) => {
        const [y0, x0, size] = [k % 40, (7 * k) % 40, 5 + (k % 15)];
        const mask = Uint8Array.from({ length: daskSide ** 2 }, (_, i) => {
          const [y, x] = [Math.floor(i / daskSide) - y0, (i % daskSide) - x0];
          return k % 2 === 0 && y >= 0 && y < size && x >= 0 && x < size ? 1 : 0;
        });
        return { map: Float32Array.from(mask, (value) => random() + random() + 0.5 * value), mask };
      });
      // The files of the page, for smaller maps.
      for (const { name, code } of parts.files) {
        project.write(`dask/${name}`, code.replace('= [256, 256]', `= [${daskSide}, ${daskSide}]`));
      }
      project.write('dask/shares.py', blocks.find(({ code }) => code.startsWith('# shares.py'))!.code);
      all.forEach(({ map, mask }, k) => {
        writeFileSync(join(inside, `${k}.map`), new Uint8Array(map.buffer));
        writeFileSync(join(inside, `${k}.mask`), mask);
      });
      const list = all.map((_, k) => `${k}.map\t${k}.mask\n`).join('');
      project.write('dask/list.tsv', list);

      start(scheduler!);
      await until(() => existsSync(join(inside, 'scheduler.json')));
      const workers = [start(first!), start(second!)];
      const running = start(shares!);
      let out = '';
      running.stdout!.setEncoding('utf8').on('data', (text: string) => (out += text));
      const ended = new Promise((resolve) => running.once('close', resolve));

      await until(() => out.includes('\n') && works(workers[0]!));
      workers[0]!.kill('SIGKILL');
      const before = out.split('\n').length - 1;
      expect(await ended).toBe(0);
      expect(workers[0]!.signalCode).toBe('SIGKILL');

      expect(before).toBeLessThan(count / 16);
      expect(out.trim().split('\n').length).toBe(count / 16);
      const figures = JSON.parse(node('merge.mjs', out, inside)) as Figures;
      const one = node('shard.mjs', list, inside);
      expect(figures).toEqual(JSON.parse(node('merge.mjs', one, inside)));
      // Fewer scores than are kept: exact.
      const scores = Float32Array.from(all.flatMap(({ map }) => [...map]));
      const labels = Uint8Array.from(all.flatMap(({ mask }) => [...mask]));
      expect(figures.rocAuc).toEqual({ value: rocAuc(scores, labels), errorBound: 0 });
    });
  });
});
