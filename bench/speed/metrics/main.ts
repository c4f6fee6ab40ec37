/**
 * Times metrics and segmentation against scikit-learn, scikit-image, SciPy and OpenCV, on the same files, each
 * row in a process of its own, in turns. `npm run bench:metrics -- --runs 5 --images 100`; `--python` names the
 * interpreter that has the others.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, machineOf } from '../../running/machine.js';
import { Peer } from '../rows/peer.js';
import type { Answer } from '../rows/peer.js';
import { timingOf } from '../statistics.js';
import { formatTime, publish } from '../tables.js';
import { labelledScores, mapsAndMasks, windingMask } from './data.js';
import type { Sizes } from './data.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    scores: { type: 'string', default: '10000000' },
    images: { type: 'string', default: '100' },
    side: { type: 'string', default: '1024' },
    mask: { type: 'string', default: '4096' },
    only: { type: 'string', default: '' },
    out: { type: 'string', default: 'bench-out' },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
});
const sizes: Sizes = {
  scores: Number(values.scores),
  images: Number(values.images),
  side: Number(values.side),
  mask: Number(values.mask),
};

/** What each row computes, and who computes it besides us; scikit-image's cost grows with the disk. */
const tasks = [
  { task: 'rocAuc', title: `rocAuc, ${sizes.scores} scores`, peers: ['sklearn'] },
  { task: 'auPro', title: `auPro, ${sizes.images} maps ${sizes.side}²`, peers: ['skimage'], once: true },
  { task: 'open5', title: `openMask, radius 5, ${sizes.mask}²`, peers: ['scipy', 'skimage', 'cv2'] },
  { task: 'open20', title: `openMask, radius 20, ${sizes.mask}²`, peers: ['scipy', 'cv2'] },
  { task: 'regions', title: `connectedRegions, ${sizes.mask}²`, peers: ['scipy', 'skimage', 'cv2'] },
  // Labels alone are less than what connectedRegions gives; this is as much.
  { task: 'allOfRegions', title: `areas, boxes, centroids, ${sizes.mask}²`, peers: ['scipy', 'cv2'] },
].filter(({ task }) => values.only === '' || values.only.split(',').includes(task));

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const startOwn = (): Peer => new Peer(process.execPath, [...process.execArgv, path('./child.ts')]);
const startPython = (): Peer => new Peer(values.python, [path('./peers.py')]);

function writeData(folder: string): void {
  const { scores, labels } = labelledScores(sizes);
  const { maps, masks } = mapsAndMasks(sizes);
  for (const [name, array] of Object.entries({ scores, labels, maps, masks, mask: windingMask(sizes) })) {
    writeFileSync(join(folder, name), new Uint8Array(array.buffer));
  }
}

async function versions(): Promise<Answer> {
  const python = startPython();
  try {
    return await python.ask('versions');
  } catch {
    return {};
  } finally {
    python.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'ssim-ae-metrics-'));
try {
  writeData(folder);
  const found = await versions();
  const machine = machineOf({ programs: found });
  console.log(describeMachine(machine));
  const rows: (string | number)[][] = [];
  const head = ['', 'who', 'median ms', 'quartiles', 'MiB above the data', 'value'];
  for (const { task, title, peers, once } of tasks) {
    const present = peers.filter(
      (peer) => typeof found[peer] === 'string' || (peer === 'skimage' && found['skimage']),
    );
    const answers: { who: string; times: number[]; mebibytes: number; value: number }[] = [];
    for (const who of ['ssim-ae', ...present]) {
      const peer = who === 'ssim-ae' ? startOwn() : startPython();
      const runs = once === true && who !== 'ssim-ae' ? 1 : Number(values.runs);
      try {
        const answer = await peer.ask('run', who, task, runs, folder, sizes.side, sizes.mask);
        answers.push({
          who,
          times: String(answer['times']).split(' ').map(Number),
          mebibytes: Number(answer['mebibytes']),
          value: Number(answer['value']),
        });
      } catch (error) {
        console.log(`${title}, ${who}: ${(error as Error).message}`);
      } finally {
        peer.close();
      }
    }
    for (const { who, times, mebibytes, value } of answers) {
      const { q1, median, q3 } = timingOf(times, 1);
      const name = who === 'scipy' && task.startsWith('open') ? 'scipy (distance transform)' : who;
      rows.push([
        title,
        name,
        formatTime(median),
        `${formatTime(q1)}–${formatTime(q3)}`,
        mebibytes.toFixed(0),
        value,
      ]);
    }
  }
  publish({
    folder: values.out,
    name: 'metrics',
    head,
    cells: rows.map((row) => row.map(String)),
    data: { machine, sizes, head, rows },
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
