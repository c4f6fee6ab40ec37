import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import {
  declarationOf,
  entries,
  exportedTypes,
  exportedValues,
  parse,
  parseSource,
  resolveRelative,
  root,
  sourcePaths,
} from './support/source.js';
import { programOf } from './support/typecheck.js';

const foundation = ['checks', 'operations', 'filters', 'backends'];
const families = ['pixels', 'ssim', 'multiscale', 'gradientMagnitude', 'haarPsi', 'features', 'vae'];

/** What each room may import, besides itself. Families do not know each other; the exceptions are stated. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  checks: [],
  operations: ['checks'],
  filters: ['checks', 'operations'],
  backends: ['checks', 'operations', 'filters'],
  ...Object.fromEntries(families.map((family) => [family, foundation])),
  // They compare pixels, or features, by ℓ1 and ℓ2.
  features: [...foundation, 'pixels'],
  vae: [...foundation, 'pixels'],
  // Its levels are SSIM's terms.
  multiscale: [...foundation, 'ssim'],
  // The map of tiles, unless another is given, is SSIM's.
  tiles: ['checks', 'ssim'],
  maps: ['checks', 'operations'],
  training: ['checks'],
  wasmTraining: ['checks', 'backends'],
  ranking: ['checks'],
  segmentation: ['checks', 'ranking'],
  metrics: ['checks', 'ranking', 'segmentation'],
  autoencoder: [
    ...foundation,
    'pixels',
    'ssim',
    'gradientMagnitude',
    'tiles',
    'wasmTraining',
    'ranking',
    'segmentation',
  ],
  // The measures of images on arrays: options and kernels of the families, none of their tensors.
  arrays: [...foundation, 'ssim', 'multiscale', 'gradientMagnitude'],
};
/** What works on arrays of numbers, and never needs tfjs. */
const ofArrays = ['ranking', 'segmentation', 'metrics'];
/** Lists of exports, beside the rooms. */
const doors: readonly string[] = Object.values(entries);
const files = sourcePaths();

/** A family's kernels are its own, and only the file that chooses between them and the composition runs them. */
const isKernel = (path: string): boolean => path.split('/')[1] === 'kernels';
const choosers = [
  'ssim/ssimValue.ts',
  'multiscale/msSsimValue.ts',
  'gradientMagnitude/gmsValue.ts',
  'pixels/pixelValue.ts',
  'arrays/distances.ts',
  'arrays/msSsim.ts',
  'arrays/ssim.ts',
  'arrays/ssimWithGradient.ts',
];

/** What breaks the rules in one file, in words; nothing if nothing does. */
function faults(path: string, source: ts.SourceFile): string[] {
  const found: string[] = [];
  const checkModule = (module: string, statement: string): void => {
    if (module === '@tensorflow/tfjs-core') return;
    if (module === '@tensorflow/tfjs-layers' && path.startsWith('autoencoder/')) return;
    if (!module.startsWith('.')) {
      found.push(`imports "${module}", neither tfjs-core nor a file of src/`);
      return;
    }
    const target = resolveRelative(path, module);
    if (!files.includes(target)) found.push(`imports "${module}", which is no file of src/`);
    if (path !== 'autoencoder.ts' && doors.includes(path) && target.startsWith('autoencoder/')) {
      found.push(`needs tfjs-layers: ${statement}`);
    }
    if (doors.includes(path)) return;
    const [own, other] = [path, target].map((file) => file.split('/')[0]!);
    const allowed = mayImport[own!];
    if (allowed === undefined) found.push('lies in no room');
    else if (other !== own && !allowed.includes(other!)) {
      found.push(`${own} may not import from ${other}: ${statement}`);
    } else if (isKernel(target) && !isKernel(path) && !choosers.includes(path)) {
      found.push(`imports a kernel: ${statement}`);
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const { importClause, moduleSpecifier } = node;
      const bindings = importClause?.namedBindings;
      if (importClause === undefined) found.push(`imports for a side effect: ${node.getText()}`);
      if (importClause?.name !== undefined) found.push(`imports a default: ${node.getText()}`);
      if (bindings !== undefined && !ts.isNamedImports(bindings)) {
        found.push(`imports a namespace: ${node.getText()}`);
      }
      checkModule((moduleSpecifier as ts.StringLiteral).text, node.getText());
    } else if (ts.isExportDeclaration(node)) {
      if (node.exportClause !== undefined && !ts.isNamedExports(node.exportClause)) {
        found.push(`exports a namespace: ${node.getText()}`);
      }
      if (node.exportClause === undefined) found.push(`exports everything: ${node.getText()}`);
      if (node.moduleSpecifier !== undefined) {
        checkModule((node.moduleSpecifier as ts.StringLiteral).text, node.getText());
      }
      if (ts.isExportDeclaration(node) && node.exportClause && ts.isNamedExports(node.exportClause)) {
        for (const { name } of node.exportClause.elements) {
          if (name.text === 'default') found.push(`exports a default: ${node.getText()}`);
        }
      }
    } else if (ts.isExportAssignment(node)) {
      found.push('exports a default');
    } else if (ts.isImportTypeNode(node)) {
      found.push(`imports a type in place: ${node.getText()}`);
    } else if (ts.isCallExpression(node)) {
      const callee = node.expression;
      if (callee.kind === ts.SyntaxKind.ImportKeyword || callee.getText() === 'require') {
        found.push(`imports while it runs: ${node.getText()}`);
      }
    }
    if (ts.canHaveModifiers(node)) {
      const isDefault = ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
      if (isDefault === true) found.push('exports a default');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const textOf = (path: string): string => readFileSync(join(root, 'src', path), 'utf8');

/** A file, all that it imports, and what that imports. */
function reached(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const [, module] of textOf(path).matchAll(/ from '([.][^']*)'/g)) {
    reached(resolveRelative(path, module!), seen);
  }
  return seen;
}

/** The modules that a file imports or hands on from when it runs: types are gone by then. */
function modulesLoaded(path: string): string[] {
  return parseSource(path).statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement)) {
      return statement.importClause?.isTypeOnly === true
        ? []
        : [(statement.moduleSpecifier as ts.StringLiteral).text];
    }
    if (!ts.isExportDeclaration(statement) || statement.isTypeOnly) return [];
    return statement.moduleSpecifier === undefined
      ? []
      : [(statement.moduleSpecifier as ts.StringLiteral).text];
  });
}

/** A file, and all that is loaded with it. */
function loaded(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const module of modulesLoaded(path)) {
    if (module.startsWith('.')) loaded(resolveRelative(path, module), seen);
  }
  return seen;
}

describe('imports', () => {
  test.each(files)('%s', (path) => {
    expect(faults(path, parseSource(path))).toEqual([]);
  });

  test('each folder of src/ is a room, none of them a drawer for utilities', () => {
    const folders = new Set(files.filter((path) => path.includes('/')).map((path) => path.split('/')[0]));
    expect([...folders].sort()).toEqual(Object.keys(mayImport).sort());
    expect(files.filter((path) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts$)/i.test(path))).toEqual([]);
  });

  test.each(files.filter((path) => ofArrays.includes(path.split('/')[0]!)))('%s reaches no tfjs', (path) => {
    expect([...reached(path)].filter((file) => textOf(file).includes('@tensorflow'))).toEqual([]);
  });

  test('arrays.ts loads no tfjs, whatever types some of its files know', () => {
    const files = [...loaded('arrays.ts')];
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap((file) => modulesLoaded(file).filter((module) => !module.startsWith('.')))).toEqual(
      [],
    );
    expect(modulesLoaded('filters/luma.ts')).toContain('@tensorflow/tfjs-core');
    expect(modulesLoaded('backends/arrayBackend.ts')).toEqual([]);
  });

  // Each rule against a line that breaks it, so that none of them is asleep.
  test.each([
    ['filters/a.ts', `import { ssim } from '../ssim/ssim.js';`, 'filters may not import from ssim'],
    ['pixels/a.ts', `import type { X } from '../ssim/ssimMap.js';`, 'pixels may not'],
    ['ssim/a.ts', `export { msSsim } from '../multiscale/msSsim.js';`, 'ssim may not'],
    ['metrics/a.ts', `import { luma } from '../filters/luma.js';`, 'metrics may not'],
    ['ranking/a.ts', `import { rocAuc } from '../metrics/rocAuc.js';`, 'ranking may not'],
    ['pixels/a.ts', `import { presets } from '../index.js';`, 'pixels may not'],
    ['tools/a.ts', `import { ssim } from '../ssim/ssim.js';`, 'no room'],
    ['multiscale/a.ts', `import { fusedSsimAttrs } from '../ssim/kernels/fusedSsim.js';`, 'imports a kernel'],
    ['ssim/a.ts', `import { SsimForward } from './kernels/contract.js';`, 'imports a kernel'],
    [
      'gradientMagnitude/gmsLoss.ts',
      `import { fusedGmsAttrs } from './kernels/fusedGms.js';`,
      'imports a kernel',
    ],
    [
      'ssim/ssimValue.ts',
      `import { fusedGmsAttrs } from '../gradientMagnitude/kernels/fusedGms.js';`,
      'ssim may not import from gradientMagnitude',
    ],
    ['pixels/a.ts', `import { readFileSync } from 'node:fs';`, 'neither'],
    ['pixels/a.ts', `import { grad } from '@tensorflow/tfjs';`, 'neither'],
    ['pixels/a.ts', `import { layers } from '@tensorflow/tfjs-layers';`, 'neither'],
    ['index.ts', `export { autoencoder } from './autoencoder/autoencoder.js';`, 'needs tfjs-layers'],
    ['pixels/a.ts', `import { gone } from './gone.js';`, 'no file'],
    ['pixels/a.ts', `import * as tf from '@tensorflow/tfjs-core';`, 'namespace'],
    ['pixels/a.ts', `import tf from '@tensorflow/tfjs-core';`, 'imports a default'],
    ['pixels/a.ts', `import '@tensorflow/tfjs-core';`, 'side effect'],
    ['pixels/a.ts', `const tf = await import('@tensorflow/tfjs-core');`, 'while it runs'],
    ['pixels/a.ts', `let x: import('@tensorflow/tfjs-core').Tensor;`, 'in place'],
    ['index.ts', `export * from './pixels/l1Loss.js';`, 'everything'],
    ['index.ts', `export * as losses from './pixels/l1Loss.js';`, 'exports a namespace'],
    ['pixels/a.ts', `export default function a() {}`, 'exports a default'],
    ['pixels/a.ts', `export default 1;`, 'exports a default'],
    ['pixels/a.ts', `const a = 1; export { a as default };`, 'exports a default'],
  ])('%s: %s is refused', (path, text, fault) => {
    expect(faults(path, parse(path, text)).join('\n')).toContain(fault);
  });
});

/**
 * What runs when the module is loaded and may not: any call. A tensor made then would meet backends that have
 * not started, as wasm and webgpu do not before they are awaited.
 */
function callsOnLoad(node: ts.Node): string[] {
  // The body of a function runs later.
  if (ts.isFunctionLike(node) || ts.isTypeNode(node)) return [];
  const own =
    ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node)
      ? [node.getText()]
      : [];
  const inner: string[] = [];
  ts.forEachChild(node, (child) => {
    inner.push(...callsOnLoad(child));
  });
  return [...own, ...inner];
}

describe('loading a module', () => {
  test.each(files)('%s calls nothing', (path) => {
    expect(callsOnLoad(parseSource(path))).toEqual([]);
  });

  test.each([
    [`const one = scalar(1);`, 1],
    [`export const table = { one: scalar(1), two: [new Map()] };`, 2],
    [`registerKernel(config);`, 1],
    [`export const one = () => scalar(1);`, 0],
    [`export function one(): Tensor { return scalar(1); }`, 0],
    [`export const config = { kernelFunc: run as unknown as KernelFunc };`, 0],
  ])('%s has %i calls', (text, count) => {
    expect(callsOnLoad(parse('a.ts', text))).toHaveLength(count);
  });
});

/** Methods of tensors that a file calls, as `x.add` in a chain; a tensor of its own it may dispose of. */
function tensorMethods(source: ts.SourceFile, checker: ts.TypeChecker): string[] {
  const found: string[] = [];
  const isTensor = (type: ts.Type): boolean =>
    (type.isUnion() ? type.types : [checker.getApparentType(type)]).some((part) =>
      ['Tensor', 'Variable'].includes(part.symbol?.name ?? ''),
    );
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression: owner, name } = node.expression;
      if (name.text !== 'dispose' && isTensor(checker.getTypeAtLocation(owner))) {
        found.push(`${owner.getText()}.${name.text}()`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('tensors are passed to functions', () => {
  const wrong = join(root, 'src/chained.ts'); // only in the compiler's memory
  const program = programOf(
    files.map((path) => join(root, 'src', path)),
    {
      [wrong]: `
import { ones } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
export const a = (x: Tensor) => x.toFloat();
export const b = <T extends Tensor4D>(x: T) => x.dataSync();
export const c = () => ones([1]).square().add(1);
export const d = (x: Tensor) => [x.dispose(), x.shape.slice(1)];
`,
    },
  );
  const methodsIn = (file: string): string[] =>
    tensorMethods(program.getSourceFile(file)!, program.getTypeChecker());

  // No path that is differentiated reads values: these are not on one.
  const readers: Readonly<Record<string, readonly string[]>> = {
    'filters/checkValues.ts': ['image.dataSync()', 'weights.dataSync()'],
    'tiles/tiledMaps.ts': ['image.data()', 'result.data()'],
    'autoencoder/adam.ts': ['variable.assign()'],
    'autoencoder/corrupt.ts': ['images.data()'],
    'autoencoder/detector.ts': ['map.data()'],
    'autoencoder/picture.ts': ['images.data()'],
    'autoencoder/reproduction.ts': ['sums.data()'],
    'autoencoder/standardise.ts': ['layer?.getWeights()[1].data()'],
    'autoencoder/trainAutoencoder.ts': ['value.data()', 'given.data()'],
  };

  test.each(files)('%s calls no method of theirs', (path) => {
    expect(methodsIn(join(root, 'src', path))).toEqual(readers[path] ?? []);
  });

  test('such calls are found', () => {
    expect(methodsIn(wrong)).toEqual(['x.toFloat()', 'x.dataSync()', 'ones([1]).square()']);
  });
});

describe.each(Object.entries(entries))('%s', (_, entry) => {
  test('has exports', () => {
    expect(exportedValues(entry).length).toBeGreaterThan(0);
  });

  test.each(exportedValues(entry))('$name is declared in a file of its name', (exported) => {
    expect(exported.file.split('/').at(-1)).toBe(`${exported.name}.ts`);
    expect(declarationOf(exported).modifiers?.[0]?.kind).toBe(ts.SyntaxKind.ExportKeyword);
  });
});

/** Options that several functions share have the name of what these have in common. */
const sharedOptions = [
  'AccumulatorOptions',
  'FeatureOptions',
  'GmsIndexOptions',
  'GmsOptions',
  'ImageArrayOptions',
  'LikelihoodOptions',
  'MsGmsOptions',
  'SsimIndexOptions',
  'WeightOptions',
];

test('options have the name of their function', () => {
  const names = (list: typeof exportedTypes): string[] =>
    Object.values(entries).flatMap((entry) => list(entry).map(({ name }) => name));
  const functions = names(exportedValues).map((name) => name.toLowerCase());
  const others = names(exportedTypes).filter(
    (name) => name.endsWith('Options') && !functions.includes(name.replace(/Options$/, '').toLowerCase()),
  );
  // Some are there at two doors.
  expect([...new Set(others)].sort()).toEqual(sharedOptions);
});
