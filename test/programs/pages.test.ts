import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile, disagreements, pages } from '../house/support/examples.js';
import { faultsOf, partsOf } from '../house/support/pasted.js';
import type { PastedFile } from '../house/support/pasted.js';
import { freshProject } from '../house/support/freshProject.js';
import type { FreshProject } from '../house/support/freshProject.js';
import { root } from '../house/support/source.js';

// Every page as its reader follows it: a new folder, what the page installs, each block saved under the name in its
// first line and run as the page says, what it prints beside what the page says that it prints.

/** Pages that need more than that: a data set, many maps, a browser, a GPU. Their own tests paste them. */
const elsewhere: Readonly<Record<string, string>> = {
  'docs/browser.md': 'test/apps/apps.test.ts',
  'docs/dataset.md': 'test/programs/dataset.test.ts',
  'docs/detector.md': 'test/programs/detector.test.ts',
  'docs/gpu.md': 'test/webgpu/page.test.ts',
  'docs/scale.md': 'test/programs/scale.test.ts',
};

const read = (page: string): string => readFileSync(join(root, page), 'utf8');

describe.each(pages())('%s', (page) => {
  const parts = partsOf(read(page));

  test('says of each block what it is, how its file is called and how it is run', () => {
    expect(faultsOf(parts)).toEqual([]);
  });

  if (elsewhere[page] !== undefined) {
    test(`is pasted by ${elsewhere[page]}`, () => {
      expect(read(elsewhere[page]!)).toContain(page.replace('docs/', ''));
    });
    return;
  }
  if (parts.runs.length === 0) return;

  let project: FreshProject;
  beforeAll(() => {
    project = freshProject();
    project.install(parts.packages);
    for (const { name, code } of parts.files) project.write(name, code);
  });
  afterAll(() => project.remove());

  const typed = parts.files.filter(({ name }) => name.endsWith('.mts'));
  if (typed.length > 0) {
    test('its TypeScript compiles', () => {
      expect(compile(typed).flat()).toEqual([]);
    });
  }

  test.each(parts.runs)('$command', async ({ command, file, output }) => {
    const pasted = parts.files.find(({ name }) => name === file) as PastedFile;
    const ran = await project.run(command);
    expect(ran.code, ran.error).toBe(0);
    if (output === undefined) expect(disagreements(pasted.name, pasted.code, ran)).toEqual([]);
    else expect(ran.out.trimEnd()).toBe(output.trimEnd());
    // A picture that it wrote is the one that the page shows.
    for (const picture of read(page).matchAll(/\]\(images\/(\w+\.png)\)/g)) {
      const written = join(project.folder, picture[1]!);
      if (!existsSync(written)) continue;
      const [shown, made] = await Promise.all(
        [join(root, 'docs', 'images', picture[1]!), written].map((path) =>
          sharp(path).removeAlpha().raw().toBuffer(),
        ),
      );
      expect(made!.length).toBe(shown!.length);
      const differences = made!.map((value, i) => Math.abs(value - shown![i]!));
      expect(differences.reduce((sum, value) => sum + value, 0) / made!.length).toBeLessThan(2);
    }
  });
});

describe('what makes a block one that cannot be pasted is reported', () => {
  const block = (info: string, code: string): string => `\`\`\`${info}\n${code}\n\`\`\`\n`;
  const install = block('sh', 'npm install ssim-ae');
  const first = block('js', '// first.mjs\nconsole.log(1); // 1');
  const faults = (page: string): string => faultsOf(partsOf(page)).join('\n');

  test('nothing of a page that says it all', () => {
    expect(faults(install + first + block('sh', 'node first.mjs') + block('text', '1'))).toBe('');
    expect(faults(`${install}${first}Run it: \`node first.mjs\`.`)).toBe('');
    expect(faults('No block at all.')).toBe('');
  });

  test.each([
    ['no file name', install + block('js', 'console.log(1); // 1')],
    ['no command', install + first],
    ['nothing to install', `${first}\`node first.mjs\``],
    ['an unknown command', install + block('sh', 'frobnicate')],
    ['a command for no file', install + block('sh', 'node second.mjs')],
    ['an unknown kind of block', block('rust', 'fn main() {}')],
    ['two files of one name', `${install}${first}${first}\`node first.mjs\``],
  ])('%s', (_, page) => {
    expect(faults(page)).not.toBe('');
  });

  test('a block that needs what the page did not install, or prints something else, fails', async () => {
    const project = freshProject();
    try {
      project.install(['ssim-ae']);
      project.write('a.mjs', `import '@tensorflow/tfjs-layers';`);
      project.write('b.mjs', `console.log(2); // 1`);
      expect((await project.run('node a.mjs')).error).toContain('Cannot find package');
      expect(disagreements('b.mjs', `console.log(2); // 1`, await project.run('node b.mjs'))).toHaveLength(1);
    } finally {
      project.remove();
    }
  });
});
