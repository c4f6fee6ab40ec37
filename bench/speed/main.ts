import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../running/command.js';
import { describeMachine, machineOf } from '../running/machine.js';
import * as given from './arguments.js';
import type { Arguments } from './arguments.js';
import { chartOf } from './chart.js';
import { measureGrowth } from './growth.js';
import { measureLimit } from './limit.js';
import { measure } from './measure.js';
import type { Experience, RowResult } from './measure.js';
import { measureMemory } from './memory.js';
import { growthTable, markdownOf, shapeTable } from './report.js';
import type { Report, ShapeResult } from './report.js';
import { aptLine, startPeers } from './rows/peerRows.js';
import { ownRows, rowsNamed } from './rows/rows.js';
import { formatShape } from './rows/shapes.js';
import { release } from './rows/tfjsRows.js';
import { workloadOf } from './rows/workload.js';
import { measureTraining } from './training.js';

async function main(settings: Arguments): Promise<void> {
  mkdirSync(settings.out, { recursive: true });
  switch (settings.mode) {
    case 'time':
      return measureTime(settings);
    case 'memory':
      return measureMemory(settings);
    case 'training':
      return measureTraining(settings);
    case 'peak':
      return measureLimit(settings);
  }
}

async function measureTime(settings: Arguments): Promise<void> {
  const began = performance.now();
  const peers = await startPeers();
  try {
    const rows = rowsNamed([...ownRows, ...peers.rows], settings.only);
    const machine = machineOf({ programs: peers.versions });
    console.log(describeMachine(machine));
    if (rows.some(({ missing }) => missing !== undefined)) {
      console.log(`Some rows need programs that are not installed; on Debian and Ubuntu: ${aptLine}`);
    }

    const experience: Experience = new Map();
    const shapes: ShapeResult[] = [];
    const write = (growth: Report['growth']): void => {
      const definitions = rows.map(({ id, label, note, exact }) => ({ id, label, note, exact }));
      const seconds = Math.round((performance.now() - began) / 1000);
      writeReport({ machine, plan: settings.plan, seconds, definitions, shapes, growth }, settings.out);
    };
    for (const shape of settings.shapes) {
      const workload = workloadOf(shape);
      const show = (text: string): void => progress(`${formatShape(shape)}: ${text}`);
      shapes.push({ shape, rows: await measure(rows, workload, settings.plan, experience, show) });
      release(workload);
      progress('');
      console.log(`\n${shapeTable(shapes.at(-1))}`);
      write([]);
    }
    if (settings.growth) {
      const growth = await measureGrowth(rows, settings.plan, settings.quick ? 128 : 512, progress);
      progress('');
      if (growth.length > 0) console.log(`\n${growthTable(growth)}`);
      write(growth);
    }
    console.log(`\nspeed.json, speed.md and speed.svg are in ${settings.out}.`);
    const wrong = shapes.some(({ rows: results }) => results.some(isOursAndWrong));
    if (wrong) throw new Error('a row of this library does not give what the others give');
  } finally {
    peers.close();
  }
}

function writeReport(report: Report, folder: string): void {
  writeFileSync(join(folder, 'speed.json'), `${JSON.stringify(report, undefined, 1)}\n`);
  writeFileSync(join(folder, 'speed.md'), markdownOf(report));
  writeFileSync(join(folder, 'speed.svg'), chartOf(report));
}

const isOursAndWrong = ({ id, value, gradient }: RowResult): boolean =>
  (id === 'raw' || /^(fused|composed)-/.test(id)) &&
  [value, gradient].some(
    (cell) => cell !== undefined && 'skipped' in cell && cell.skipped.startsWith('wrong'),
  );

/** What runs now, on one line that the next one replaces; nothing where that cannot be seen. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

await command('bench', given, main);
