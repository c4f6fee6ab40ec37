/** This library, as a child process: `run task runs folder images side mask` in, a line of JSON out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { memoryOf, startPeak } from '../processMemory.js';
import { auPro, connectedRegions, openMask, rocAuc } from '../../../src/index.js';

const bytes = (folder: string, name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));
const floats = (folder: string, name: string): Float32Array => new Float32Array(bytes(folder, name).buffer);

function taskOf(task: string, folder: string, side: number, height: number): () => number {
  switch (task) {
    case 'rocAuc': {
      const [scores, labels] = [floats(folder, 'scores'), bytes(folder, 'labels')];
      return () => rocAuc(scores, labels);
    }
    case 'auPro': {
      const [maps, masks] = [floats(folder, 'maps'), bytes(folder, 'masks')];
      return () => auPro(maps, masks, { height: side, width: side });
    }
    case 'regions':
    case 'allOfRegions': {
      const mask = bytes(folder, 'mask');
      return () => connectedRegions(mask, { height, width: height }).count;
    }
    default: {
      const [mask, radius] = [bytes(folder, 'mask'), Number(/^open(\d+)$/.exec(task)?.[1])];
      return () => openMask(mask, { height, width: height, radius }).reduce((sum, value) => sum + value, 0);
    }
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const [, , task, runs, folder, side, height] = line.split('\t') as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const call = taskOf(task, folder, Number(side), Number(height));
  const before = startPeak('self');
  const times: number[] = [];
  let value = NaN;
  for (let run = 0; run < Number(runs); run++) {
    const start = performance.now();
    value = call();
    times.push(performance.now() - start);
  }
  console.log(
    JSON.stringify({ value, times: times.join(' '), mebibytes: (memoryOf('self', 'VmHWM') - before) / 1024 }),
  );
});
