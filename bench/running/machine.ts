import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly date: string;
  /** Over the last minute, before the benchmark. */
  readonly load: number;
  readonly versions: Readonly<Record<string, string | number | null>>;
}

const comparedPackages = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-wasm',
  'ssim.js',
  '@blazediff/ssim',
  'image-ssim',
];

/** With the versions of npm packages, and of other programs as they tell them; what is null is not there. */
export function machineOf({
  packages = comparedPackages,
  programs = {},
}: { readonly packages?: readonly string[]; readonly programs?: Machine['versions'] } = {}): Machine {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    load: Number(loadavg()[0]!.toFixed(2)),
    versions: {
      ...Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
      ...Object.fromEntries(Object.entries(programs).filter(([, version]) => typeof version === 'string')),
    },
  };
}

/** From the nearest package.json above the package's entry: not every package exports its own. */
function versionOf(name: string): string {
  let folder = dirname(createRequire(import.meta.url).resolve(name));
  for (;;) {
    try {
      const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
      if (found['name'] === name) return String(found['version']);
    } catch {
      // no package.json here
    }
    const above = dirname(folder);
    if (above === folder) return 'unknown';
    folder = above;
  }
}

export const describeMachine = ({ cpu, cores, memoryGiB, node, date, load, versions }: Machine): string =>
  `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, ${date}, load ${load} at the start. ` +
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
