import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Peer } from './peer.js';
import type { Answer } from './peer.js';
import type { Mode, Row } from './row.js';
import type { Workload } from './workload.js';

const run = promisify(execFile);
const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What Debian and Ubuntu call the peers that are no npm packages. */
export const aptLine =
  'apt-get install python3-skimage python3-torch libopencv-dev libopencv-contrib-dev g++ pkg-config';

/** How to start a peer afresh: the benchmark does so once, the memory mode for every row. */
export type Start = () => Peer;

export interface Peers {
  readonly rows: readonly Row[];
  readonly versions: Answer;
  /** The process of a row, for those that run in one. */
  readonly start: ReadonlyMap<string, Start>;
  readonly close: () => void;
}

/** A row of another program. */
interface PeerRow extends Pick<Row, 'id' | 'label' | 'note' | 'exact'> {
  /** The process that it runs in, if that started. */
  readonly peer: Started | undefined;
  /** What must be installed there, as the process calls it. */
  readonly program: string;
  readonly modes: readonly Mode[];
}

/** Starts what is installed; the rows of what is not say so. */
export async function startPeers(): Promise<Peers> {
  const folder = mkdtempSync(join(tmpdir(), 'ssim-ae-speed-'));
  const files = workloadFiles(folder);
  const python = await startPython();
  const opencv = await startOpencv(folder);
  const both = ['value', 'gradient'] as const;
  const threads = Number(python?.versions['threads'] ?? 0);
  const given: readonly PeerRow[] = [
    {
      id: 'torch-1',
      label: 'PyTorch, 1 thread',
      peer: python,
      program: 'torch',
      modes: both,
      exact: true,
      note: 'what pytorch-msssim computes: five maps, separable, autodiff; NCHW, images already where it wants them',
    },
    ...(threads > 1
      ? [
          {
            id: 'torch-all',
            label: `PyTorch, ${threads} threads`,
            peer: python,
            program: 'torch',
            modes: both,
            exact: true,
          },
        ]
      : []),
    {
      id: 'skimage',
      label: 'scikit-image',
      peer: python,
      program: 'skimage',
      modes: both,
      exact: true,
      note: 'its gradient is that of the mean over the image with a reflected border',
    },
    {
      id: 'opencv',
      label: 'OpenCV, C++, 1 thread',
      peer: opencv,
      program: 'opencv',
      modes: ['value'],
      exact: false,
      note: 'float32; reflected border: its mean includes the rim',
    },
    {
      id: 'opencv-quality',
      label: 'OpenCV QualitySSIM, C++, 1 thread',
      peer: opencv,
      program: 'quality',
      modes: ['value'],
      exact: false,
      note: '8-bit; reflected border: its mean includes the rim',
    },
  ];
  const rows = given.map(({ peer, program, modes, ...row }): Row => ({
    ...row,
    modes: () => modes,
    ...(has(peer, program) ? {} : { missing: 'not installed' }),
    prepare: async (workload) => {
      await peer!.load(workload, files(workload));
      const ask = async (answer: string, ...fields: readonly (string | number)[]) =>
        ((await peer!.peer.ask(...fields))[answer] ?? undefined) as number | undefined;
      return {
        check: (mode) => ask('number', 'check', row.id, mode),
        run: async (mode, repeats) => (await ask('ms', 'run', row.id, mode, repeats))!,
      };
    },
  }));
  return {
    rows,
    versions: { ...python?.versions, ...opencv?.versions },
    start: new Map(given.flatMap(({ id, peer }) => (peer === undefined ? [] : [[id, peer.start] as const]))),
    close: () => {
      python?.peer.close();
      opencv?.peer.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The raw float32 files of both images. */
export type Files = readonly [x: string, y: string];

/** Writes the images of a workload once, as raw float32. */
export function workloadFiles(folder: string, prefix = 'time'): (workload: Workload) => Files {
  const written = new WeakMap<Workload, Files>();
  return (workload) => {
    const present = written.get(workload);
    if (present !== undefined) return present;
    const files = ['x', 'y'].map((name) => join(folder, `${prefix}-${name}.f32`)) as unknown as Files;
    writeFileSync(files[0], workload.x);
    writeFileSync(files[1], workload.y);
    written.set(workload, files);
    return files;
  };
}

interface Started {
  readonly peer: Peer;
  readonly versions: Answer;
  readonly start: Start;
  readonly load: (workload: Workload, files: Files) => Promise<void>;
}

const has = (peer: Started | undefined, name: string): boolean =>
  (peer?.versions[name] ?? undefined) !== undefined;

async function started(start: Start): Promise<Started | undefined> {
  const peer = start();
  let loaded: Workload | undefined;
  try {
    return {
      peer,
      versions: await peer.ask('versions'),
      start,
      load: async (workload, files) => {
        if (loaded === workload) return;
        loaded = workload;
        await peer.ask('load', ...workload.shape, ...files);
      },
    };
  } catch {
    peer.close();
    return undefined;
  }
}

/** The Python that knows most of the peers: `PYTHON`, the first in the path, or the system's. */
async function startPython(): Promise<Started | undefined> {
  const names = [process.env['PYTHON'], 'python3', '/usr/bin/python3'].filter((name) => name !== undefined);
  let best: Started | undefined;
  const count = (python: Started | undefined): number =>
    ['torch', 'skimage'].filter((name) => has(python, name)).length;
  for (const name of names) {
    const python = await started(() => new Peer(name, [beside('./peers.py')]));
    if (count(python) > count(best)) {
      best?.peer.close();
      best = python;
    } else python?.peer.close();
    if (count(best) === 2) break;
  }
  return best;
}

async function startOpencv(folder: string): Promise<Started | undefined> {
  const program = join(folder, 'opencv');
  try {
    const flags = async (...args: string[]): Promise<string[]> =>
      (await run('pkg-config', [...args, 'opencv4'])).stdout.trim().split(/\s+/).filter(Boolean);
    const [include, folders] = [await flags('--cflags'), await flags('--libs-only-L')];
    const build = (extra: readonly string[], libraries: readonly string[]): Promise<unknown> =>
      run('g++', [
        '-O3',
        ...extra,
        ...include,
        beside('./opencv.cpp'),
        '-o',
        program,
        ...folders,
        ...libraries.map((name) => `-lopencv_${name}`),
      ]);
    try {
      await build(['-DQUALITY'], ['quality', 'imgproc', 'core']);
    } catch {
      await build([], ['imgproc', 'core']); // without the contributed modules
    }
  } catch {
    return undefined;
  }
  return started(() => new Peer(program, []));
}
