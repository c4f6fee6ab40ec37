import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import type TypeScript from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installBeside } from '../support/installBeside.js';
import { installPackage } from '../house/support/installed.js';
import { root } from '../house/support/source.js';

/**
 * types.assertions.ts, compiled by a project that installed the tarball: what must compile does, and what must
 * not does not, in every version of TypeScript and every way to find modules.
 */
const consumer = readFileSync(join(root, 'test/house/types.assertions.ts'), 'utf8')
  .replaceAll(`'../../src/index.js'`, `'ssim-ae'`)
  .replaceAll(/'..\/..\/src\/(\w+)\.js'/g, `'ssim-ae/$1'`);
const ways = [
  { moduleResolution: 'node10', module: 'commonjs', file: 'cjs/consumer.ts' },
  { moduleResolution: 'node16', module: 'node16', file: 'esm/consumer.ts' },
  { moduleResolution: 'node16', module: 'node16', file: 'cjs/consumer.ts' },
  { moduleResolution: 'bundler', module: 'esnext', file: 'esm/consumer.ts' },
] as const;
/** Where each version is. TypeScript 7 is a native program without a library, and has no node10 any more. */
const versions = {
  '5.0': 'test/programs/typescript/node_modules/typescript-5.0',
  '5.4': 'test/programs/typescript/node_modules/typescript-5.4',
  '5.9': 'node_modules/typescript',
  '7.0': 'test/programs/typescript/node_modules/typescript-7.0',
} as const;
type Version = keyof typeof versions;
interface Way {
  readonly moduleResolution: string;
  readonly module: string;
  readonly file: string;
}
const cases = (Object.keys(versions) as Version[]).flatMap((version) =>
  ways
    .filter(({ moduleResolution }) => !(version === '7.0' && moduleResolution === 'node10'))
    .map((way) => ({ version, ...way })),
);

let project: string;

beforeAll(() => {
  installBeside(join(root, 'test/programs/typescript')); // 100 MB that npm ci leaves out
  ({ project } = installPackage());
  for (const [folder, type] of [
    ['esm', 'module'],
    ['cjs', 'commonjs'],
  ] as const) {
    mkdirSync(join(project, folder));
    writeFileSync(join(project, folder, 'package.json'), JSON.stringify({ type }));
    writeFileSync(join(project, folder, 'consumer.ts'), consumer);
  }
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

/** What each version has parsed, so that the types of tfjs are read once. */
const parsed = new Map<string, TypeScript.SourceFile>();

/**
 * What a version says of the consumer and of the package's declarations. skipLibCheck is off, since it would turn
 * a declaration that a version does not know into `any`; of tfjs's declarations nothing is asked.
 */
function messages(version: Version, { moduleResolution, module, file }: Way): string[] {
  const ts = createRequire(import.meta.url)(join(root, versions[version])) as typeof TypeScript;
  expect(ts.version).toMatch(new RegExp(`^${version}\\.`));
  const { options, errors } = ts.convertCompilerOptionsFromJson(
    { ...settings, moduleResolution, module },
    project,
  );
  expect(errors).toEqual([]);
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (path, target, ...others) => {
    const format = typeof target === 'object' ? target.impliedNodeFormat : undefined;
    const key = [version, path, format].join();
    const known = parsed.get(key) ?? read(path, target, ...others);
    if (known !== undefined) parsed.set(key, known);
    return known;
  };
  host.getCurrentDirectory = () => project;
  const program = ts.createProgram([join(project, file)], options, host);
  const own = program.getSourceFiles().filter(({ fileName }) => /\/(consumer\.ts$|ssim-ae\/)/.test(fileName));
  expect(own.map(({ fileName }) => relative(project, fileName)).sort()).toContain(file);
  expect(own.length).toBeGreaterThanOrEqual(3); // the consumer and two entries
  return own.flatMap((source) =>
    [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ start, messageText }) => {
        const { line } = source.getLineAndCharacterOfPosition(start ?? 0);
        const text = ts.flattenDiagnosticMessageText(messageText, '\n');
        return `${relative(project, source.fileName)}, line ${line + 1}: ${text}`;
      },
    ),
  );
}

const settings = {
  noEmit: true,
  strict: true,
  target: 'es2022',
  types: ['node'],
  skipLibCheck: false,
} as const;

/** The same by the command line of a version. */
async function printed(version: Version, { moduleResolution, module, file }: Way): Promise<string[]> {
  const options = { ...settings, moduleResolution, module };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(root, versions[version], 'bin/tsc'), ...args, '--pretty', 'false', file],
    { cwd: project, maxBuffer: 1 << 24 },
  ).catch((error: unknown) => error as { stdout: string; stderr: string });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => /^((esm|cjs)\/|.*ssim-ae\/|error )/.test(line));
}

describe('an installed package, compiled by TypeScript', () => {
  test.each(cases)('$version, $moduleResolution, $file', async ({ version, ...way }) => {
    expect(version === '7.0' ? await printed(version, way) : messages(version, way)).toEqual([]);
  });

  test('the command line of 7.0 says what is wrong', async () => {
    const file = 'esm/wrong.ts';
    writeFileSync(join(project, file), `import { ssim } from 'ssim-ae';\nssim(1, 2);\n`);
    expect(await printed('7.0', { moduleResolution: 'node16', module: 'node16', file })).toEqual([
      expect.stringMatching(/^esm\/wrong\.ts\(2,6\): error TS2345/),
    ]);
  });
});
