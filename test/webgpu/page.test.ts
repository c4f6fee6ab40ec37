// docs/gpu.md as its reader follows it in Node; what it says of browsers is pasted by test/apps/gpu.test.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { disagreements } from '../house/support/examples.js';
import { freshProject } from '../house/support/freshProject.js';
import { partsOf } from '../house/support/pasted.js';
import { root } from '../house/support/source.js';

const page = partsOf(readFileSync(join(root, 'docs/gpu.md'), 'utf8'));

test('it trains in Node', async () => {
  const project = freshProject();
  try {
    project.install(page.packages.filter((name) => !/vite|webgl/.test(name)));
    for (const { name, code } of page.files) project.write(name, code);
    expect(page.runs.map(({ file }) => file)).toEqual(['node.mjs']);
    const { command, file } = page.runs[0]!;
    const ran = await project.run(command);
    expect(ran.code, ran.error).toBe(0);
    const { code } = page.files.find(({ name }) => name === file)!;
    expect(disagreements(file, code, ran)).toEqual([]);
  } finally {
    project.remove();
  }
});
