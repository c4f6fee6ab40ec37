import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../running/inputError.js';
import { describeMachine, machineOf } from '../running/machine.js';
import type { Arguments } from './arguments.js';
import { memoryOf, startPeak } from './processMemory.js';
import { Peer } from './rows/peer.js';
import { startPeers, workloadFiles } from './rows/peerRows.js';
import type { Start } from './rows/peerRows.js';
import type { Mode, Row } from './rows/row.js';
import { ownRows, rowsNamed } from './rows/rows.js';
import { formatShape, pixelsOf } from './rows/shapes.js';
import type { Shape } from './rows/shapes.js';
import { workloadOf } from './rows/workload.js';
import type { Workload } from './rows/workload.js';
import { quantile } from './statistics.js';
import { publish } from './tables.js';

/**
 * How far one call lifts the peak of a process's memory above what it holds with its images ready: each row
 * alone, in a fresh process that has run on a small image before.
 */
export async function measureMemory(settings: Arguments): Promise<void> {
  if (process.platform !== 'linux') throw new InputError('--memory reads /proc, which only Linux has.');
  // Large blocks go back to the system when they are freed, so that none hides what comes after it.
  process.env['MALLOC_MMAP_THRESHOLD_'] = '131072';
  const peers = await startPeers();
  const folder = mkdtempSync(join(tmpdir(), 'ssim-ae-memory-'));
  try {
    const rows = rowsNamed([...ownRows, ...peers.rows], settings.only);
    const machine = machineOf({ programs: peers.versions });
    console.log(describeMachine(machine));
    const results: { shape: Shape; label: string; mode: Mode; mebibytes: number | string }[] = [];
    for (const shape of settings.shapes) {
      const workload = workloadOf(shape);
      for (const row of rows) {
        for (const mode of row.modes(shape)) {
          const start = peers.start.get(row.id) ?? startOwn;
          const large = pixelsOf(shape) > (row.most?.[mode] ?? Infinity) ? 'out of memory' : undefined;
          const mebibytes = row.missing ?? large ?? (await growthOf(row, mode, start, workload, folder));
          results.push({ shape, label: row.label, mode, mebibytes });
        }
      }
    }

    const images = (shape: Shape): string => ((2 * 4 * pixelsOf(shape)) / 2 ** 20).toFixed(1);
    const head = [
      'MiB above the images: value / value and gradient',
      ...settings.shapes.map((shape) => `${formatShape(shape)} (images: ${images(shape)})`),
    ];
    const cells = [...new Set(results.map(({ label }) => label))].map((label) => [
      label,
      ...settings.shapes.map((shape) =>
        results
          .filter((result) => result.label === label && result.shape === shape)
          .map(({ mebibytes }) => (typeof mebibytes === 'number' ? mebibytes.toFixed(0) : `– (${mebibytes})`))
          .join(' / '),
      ),
    ]);
    publish({ folder: settings.out, name: 'memory', head, cells, data: { machine, results } });
  } finally {
    peers.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** MiB, the median of three processes, or why it cannot be told. */
async function growthOf(
  row: Row,
  mode: Mode,
  start: Start,
  workload: Workload,
  folder: string,
): Promise<number | string> {
  const growths: number[] = [];
  const { shape } = workload;
  const small = workloadOf([1, 32, 32, shape[3]]);
  const [files, smallFiles] = [workloadFiles(folder, 'given'), workloadFiles(folder, 'small')];
  for (let attempt = 0; attempt < 3; attempt++) {
    const peer = start();
    const own = start === startOwn;
    try {
      const load = async (given: Workload, [x, y]: readonly [string, string]): Promise<void> => {
        await peer.ask('load', ...given.shape, x, y);
        if (own) await peer.ask('prepare', row.id);
      };
      await load(small, smallFiles(small));
      await peer.ask('run', row.id, mode, 3);
      await load(workload, files(workload));
      const before = startPeak(peer.pid!);
      await peer.ask('run', row.id, mode, 1);
      growths.push(memoryOf(peer.pid!, 'VmHWM') - before);
    } catch (error) {
      return (error as Error).message;
    } finally {
      peer.close();
    }
  }
  return Math.max(0, quantile(growths, 0.5) / 1024);
}

const startOwn: Start = () =>
  new Peer(process.execPath, [
    ...process.execArgv,
    fileURLToPath(new URL('./memoryChild.ts', import.meta.url)),
  ]);
