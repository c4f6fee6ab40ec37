import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './source.js';

/** A project that installed the tarball, with this repository's tfjs and types of Node beside it. */
export interface InstalledPackage {
  /** The folder of the project. */
  readonly project: string;
  /** The package in it. */
  readonly installed: string;
}

/** Packs dist/ and unpacks it into a new project in the system's temporary folder, which the caller removes. */
export function installPackage(): InstalledPackage {
  const project = mkdtempSync(join(tmpdir(), 'ssim-ae-package-'));
  // --ignore-scripts: dist/ is fresh already, and a rebuild would take it away from other tests.
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', project], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'))!;
  execFileSync('tar', ['-xzf', tarball], { cwd: project });
  const installed = join(project, 'node_modules', 'ssim-ae');
  mkdirSync(join(project, 'node_modules'));
  renameSync(join(project, 'package'), installed);
  for (const scope of ['@tensorflow', '@types']) {
    symlinkSync(join(root, 'node_modules', scope), join(project, 'node_modules', scope));
  }
  return { project, installed };
}
