// What SSIM takes on a GPU: npm run bench:gpu -- --help
import { version_core } from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { command } from '../../running/command.js';
import { describeMachine, machineOf } from '../../running/machine.js';
import { startWebgpu } from '../../running/webgpu.js';
import { measure, medianOf } from '../measure.js';
import type { Cell, Experience, RowResult } from '../measure.js';
import { releaseTensors } from '../rows/compute.js';
import { formatShape } from '../rows/shapes.js';
import type { Shape } from '../rows/shapes.js';
import { workloadOf } from '../rows/workload.js';
import { formatTime, publish } from '../tables.js';
import * as reader from './arguments.js';
import { bandwidthOf, gpuRows } from './rows.js';
import { measureTraining } from './training.js';
import type { TrainingResult } from './training.js';

interface ShapeResult {
  readonly shape: Shape;
  readonly rows: readonly RowResult[];
  /** Of the sum of both images, in GB/s. */
  readonly bandwidth: number | undefined;
}

const cellText = (cell: Cell | undefined): string =>
  cell === undefined
    ? ''
    : 'skipped' in cell
      ? cell.skipped
      : `${formatTime(cell.median)} (${formatTime(cell.q1)}–${formatTime(cell.q3)})`;

function rowsOf({ shape, rows, bandwidth }: ShapeResult): string[][] {
  return rows.map(({ id, label, value, gradient }) => [
    formatShape(shape),
    id === 'sum' && bandwidth !== undefined ? `${label}: ${bandwidth.toPrecision(3)} GB/s` : label,
    cellText(value),
    cellText(gradient),
  ]);
}

const trainingRows = (size: number, batch: number, results: readonly TrainingResult[]): string[][] =>
  results.map(({ loss, step }) => [
    `${batch}×${size}×${size}×1`,
    `a step of training, ${loss}`,
    '',
    cellText(step),
  ]);

await command('bench:gpu', reader, async (given) => {
  if (given.pack !== undefined) {
    const { pack } = await import('./pack.js');
    return pack(given.pack);
  }
  const device = await startWebgpu();
  // A packed folder has no packages to ask for their versions.
  const machine = machineOf({ packages: [], programs: { '@tensorflow/tfjs-core': version_core } });
  console.log(`${device}\n${describeMachine(machine)}`);
  const experience: Experience = new Map();
  const results: ShapeResult[] = [];
  for (const shape of given.shapes) {
    const workload = workloadOf(shape);
    const rows = await measure(gpuRows, workload, given.plan, experience, (text) =>
      console.error(`${formatShape(shape)}: ${text} …`),
    );
    releaseTensors(workload);
    const sum = medianOf(rows.find(({ id }) => id === 'sum')?.value);
    results.push({ shape, rows, bandwidth: sum === undefined ? undefined : bandwidthOf(workload, sum) });
  }
  const { size, batch } = given.training;
  console.error(`a step of training, ${batch} patches of ${size} …`);
  const training = await measureTraining(size, batch, given.plan);
  publish({
    folder: given.out,
    name: 'gpu',
    head: ['images', '', 'value ms', 'value and gradient ms'],
    cells: [...results.flatMap(rowsOf), ...trainingRows(size, batch, training)],
    data: { device, machine, plan: given.plan, results, training: { size, batch, results: training } },
  });
  console.log(`${join(given.out, 'gpu.json')} written.`);
});
