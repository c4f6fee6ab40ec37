import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import {
  declarationOf,
  entries,
  exportedValues,
  parse,
  parseSource,
  resolveRelative,
  root,
  sourcePaths,
} from './support/source.js';
import { programOf } from './support/typecheck.js';

/** Data flows down: a room imports from itself and from the rooms before it. */
const rooms = [
  'checks',
  'operations',
  'windows',
  'filters',
  'statistics',
  'terms',
  'kernels',
  'similarity',
  'losses',
  'residuals',
  'ranking',
  'segmentation',
  'metrics',
  'pictures',
];
const files = sourcePaths();

/** What breaks the rules in one file, in words; nothing if nothing does. */
function faults(path: string, source: ts.SourceFile): string[] {
  const found: string[] = [];
  const checkModule = (module: string, statement: string): void => {
    if (module === '@tensorflow/tfjs-core') return;
    if (!module.startsWith('.')) {
      found.push(`imports "${module}", neither tfjs-core nor a file of src/`);
      return;
    }
    const target = resolveRelative(path, module);
    if (!files.includes(target)) found.push(`imports "${module}", which is no file of src/`);
    if (path === 'index.ts') return;
    const [own, other] = [path, target].map((file) => rooms.indexOf(file.split('/')[0] ?? ''));
    if (own === undefined || other === undefined || own < 0) found.push('lies in no room');
    else if (other < 0 || other > own) found.push(`imports from a room below its own: ${statement}`);
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

describe('imports', () => {
  test.each(files)('%s', (path) => {
    expect(faults(path, parseSource(path))).toEqual([]);
  });

  test('each folder of src/ is a room, none of them a drawer for utilities', () => {
    const folders = new Set(files.filter((path) => path.includes('/')).map((path) => path.split('/')[0]));
    expect([...folders].sort()).toEqual([...rooms].sort());
    expect(files.filter((path) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts$)/i.test(path))).toEqual([]);
  });

  // Each rule against a line that breaks it, so that none of them is asleep.
  test.each([
    ['terms/a.ts', `import { ssim } from '../similarity/ssim.js';`, 'room below'],
    ['losses/a.ts', `import type { X } from '../residuals/l1ResidualMap.js';`, 'room below'],
    ['losses/a.ts', `export { l1ResidualMap } from '../residuals/l1ResidualMap.js';`, 'room below'],
    ['losses/a.ts', `import { presets } from '../index.js';`, 'room below'],
    ['tools/a.ts', `import { ssim } from '../similarity/ssim.js';`, 'no room'],
    ['losses/a.ts', `import { readFileSync } from 'node:fs';`, 'neither'],
    ['losses/a.ts', `import { grad } from '@tensorflow/tfjs';`, 'neither'],
    ['losses/a.ts', `import { gone } from './gone.js';`, 'no file'],
    ['losses/a.ts', `import * as tf from '@tensorflow/tfjs-core';`, 'namespace'],
    ['losses/a.ts', `import tf from '@tensorflow/tfjs-core';`, 'imports a default'],
    ['losses/a.ts', `import '@tensorflow/tfjs-core';`, 'side effect'],
    ['losses/a.ts', `const tf = await import('@tensorflow/tfjs-core');`, 'while it runs'],
    ['losses/a.ts', `let x: import('@tensorflow/tfjs-core').Tensor;`, 'in place'],
    ['index.ts', `export * from './losses/l1Loss.js';`, 'everything'],
    ['index.ts', `export * as losses from './losses/l1Loss.js';`, 'exports a namespace'],
    ['losses/a.ts', `export default function a() {}`, 'exports a default'],
    ['losses/a.ts', `export default 1;`, 'exports a default'],
    ['losses/a.ts', `const a = 1; export { a as default };`, 'exports a default'],
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
    'checks/range.ts': ['image.dataSync()'],
    'checks/weights.ts': ['weights.dataSync()'],
    'residuals/tiledMaps.ts': ['image.data()', 'result.data()'],
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
