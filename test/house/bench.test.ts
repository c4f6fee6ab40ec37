import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveRelative, root } from './support/source.js';

const shared = ['running', 'pictures', 'features', 'inspection', 'drawing', 'detectors'];

/** What each room of bench/ may import from the others; the six that are run do not know each other. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  running: [],
  pictures: ['running'],
  features: ['running', 'pictures', 'drawing'],
  inspection: ['pictures'],
  drawing: ['pictures'],
  detectors: ['running', 'pictures'],
  quickstart: shared,
  repair: shared,
  lab: shared,
  paper: shared,
  speed: ['running'],
  precision: [],
};

type Imports = ReadonlyMap<string, readonly string[]>;

/** Of every file of bench/, the files of bench/ that it imports, types too. */
function importsOfBench(): Imports {
  const files = readdirSync(join(root, 'bench'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'));
  return new Map(
    files.map((path) => {
      const text = readFileSync(join(root, 'bench', path), 'utf8');
      const modules = [...text.matchAll(/(?:from|import|import\() ?'(\.[^']*)'/g)].map(([, module]) =>
        resolveRelative(path, module!),
      );
      return [path, modules.filter((module) => files.includes(module))];
    }),
  );
}

/** The imports that go from room to room where they may not. */
function strays(imports: Imports): string[] {
  const room = (path: string): string => path.split('/')[0]!;
  return [...imports].flatMap(([path, modules]) =>
    modules
      .filter((module) => room(module) !== room(path) && !mayImport[room(path)]?.includes(room(module)))
      .map((module) => `${path} imports ${module}`),
  );
}

/** Files that import each other in a circle: those that are left when all that import none of the rest are taken away. */
function circles(imports: Imports): string[] {
  let rest = [...imports.keys()];
  for (;;) {
    const bound = rest.filter((path) => imports.get(path)!.some((module) => rest.includes(module)));
    if (bound.length === rest.length) return rest;
    rest = bound;
  }
}

describe('the rooms of bench/', () => {
  const imports = importsOfBench();

  test('are known, and nothing lies beside them', () => {
    expect(new Set([...imports.keys()].map((path) => path.split('/')[0]))).toEqual(
      new Set(Object.keys(mayImport)),
    );
  });
  test('import only from those below', () => expect(strays(imports)).toEqual([]));
  test('have no circles among their files', () => expect(circles(imports)).toEqual([]));

  test('what breaks these rules is found', () => {
    const wrong = new Map([
      ['pictures/weave.ts', ['paper/main.ts']],
      ['paper/main.ts', ['paper/job.ts', 'pictures/weave.ts']],
      ['paper/job.ts', ['paper/job.ts']],
      ['paper/models.ts', []],
    ]);
    expect(strays(wrong)).toEqual(['pictures/weave.ts imports paper/main.ts']);
    expect(circles(wrong)).toEqual(['pictures/weave.ts', 'paper/main.ts', 'paper/job.ts']);
  });
});
