import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs what the package.json in a folder of tests asks for, in that folder, unless it is there: what few need and
 * is large, so that `npm ci` need not bring it.
 */
export function installBeside(folder: string): void {
  const { dependencies } = manifestOf(join(folder, 'package.json')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const isPresent = Object.entries(dependencies).every(([name, wanted]) => {
    const present = manifestOf(join(folder, 'node_modules', name, 'package.json'));
    return present !== undefined && wanted.replace(/^npm:.*@/, '') === present.version;
  });
  if (isPresent) return;
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function manifestOf(path: string): { readonly [field: string]: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { readonly [field: string]: unknown };
  } catch {
    return undefined; // not installed
  }
}
