import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './source.js';

/** Vitest's global setup of the house project: what these tests import and pack is the dist/ of this src/. */
export default function buildWhenStale(): void {
  execFileSync(process.execPath, [join(root, 'build.js')], { stdio: ['ignore', 'ignore', 'inherit'] });
}
