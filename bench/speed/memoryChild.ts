// This process's rows behind the line protocol of rows/peers.py, so that each can run alone (see memory.ts).
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { collectGarbage } from './garbage.js';
import type { Mode, Prepared } from './rows/row.js';
import { ownRows } from './rows/rows.js';
import type { Shape } from './rows/shapes.js';
import { release } from './rows/tfjsRows.js';
import type { Workload } from './rows/workload.js';

let workload: Workload | undefined;
let prepared: Prepared | undefined;

async function answer([command = '', ...rest]: readonly string[]): Promise<object> {
  switch (command) {
    case 'load': {
      if (workload !== undefined) release(workload);
      prepared = undefined;
      const shape = rest.slice(0, 4).map(Number) as unknown as Shape;
      const [x, y] = rest.slice(4).map(readFloats) as [Float32Array, Float32Array];
      workload = { shape, windowSize: 11, x, y };
      return {};
    }
    case 'run':
      return { ms: await prepared!.run(rest[1] as Mode, Number(rest[2])) };
    case 'prepare': {
      prepared = await ownRows.find((row) => row.id === rest[0])?.prepare(workload!);
      if (prepared === undefined) throw new Error('not available');
      collectGarbage('major');
      return {};
    }
    default:
      throw new Error(`unknown command ${command}`);
  }
}

/** Copied into memory of its own, so that nothing of the file's buffer stays. */
function readFloats(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

for await (const line of createInterface({ input: process.stdin })) {
  const result = await answer(line.split('\t')).catch((error: Error) => ({ error: error.message }));
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
