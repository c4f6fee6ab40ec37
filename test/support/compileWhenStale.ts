import { execFileSync } from 'node:child_process';

/** The tests run what the AssemblyScript sources say now. */
export default function setup(): void {
  execFileSync(process.execPath, ['compileAssembly.js'], { stdio: 'inherit' });
}
