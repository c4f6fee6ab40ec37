import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import ts from 'typescript';
import { root } from './support/source.js';
import { editorOf, typecheck } from './support/typecheck.js';

describe('types', () => {
  const path = join(root, 'test/house/types.assertions.ts');

  test('what must compile does, and what must not does not', () => {
    expect(typecheck([path]).get(path)).toEqual([]);
    const refused = readFileSync(path, 'utf8').match(/@ts-expect-error/g) ?? [];
    expect(refused.length).toBeGreaterThan(30); // counted, so that a file that lost its lines is noticed
  });
});

describe('completion', () => {
  const path = join(root, 'test/house/completion.ts');
  /** The functions of (yTrue, yPred, options). */
  const bound = ['ssim', 'msSsim', 'gmsd', 'ssimMap', 'gmsMap', 'ssimLoss', 'dssimLoss', 'msSsimLoss'].concat(
    ['mixLoss', 'gmsLoss', 'msGmsLoss', 'l1Loss', 'l2Loss', 'featureMatchingLoss', 'vaeLoss'],
    ['ssimResidualMap', 'msGmsResidualMap', 'featureResidualMap'],
  );
  const places = bound.flatMap((name) => [
    { name, code: `withOptions(${name}, {  });`, cursor: '{ ' },
    { name, code: `withOptions(${name}, { w });`, cursor: '{ w' }, // in the middle of a name
    { name, code: `${name}(x, x, {  });`, cursor: '{ ' }, // as it is without withOptions
  ]);
  const head = `
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { ${bound.join(', ')}, withOptions } from '../../src/index.js';
declare const x: Tensor4D;
`;
  const text = head + places.map(({ code }) => code).join('\n');
  const editor = editorOf(path, text);
  const checker = editor.getProgram()!.getTypeChecker();
  const source = editor.getProgram()!.getSourceFile(path)!;

  /** The names of the options that its signature has. */
  function optionsOf(name: string): string[] {
    const [symbol] = checker
      .getSymbolsInScope(source, ts.SymbolFlags.Alias)
      .filter((candidate) => candidate.name === name)
      .map((alias) => checker.getAliasedSymbol(alias));
    const [signature] = checker.getTypeOfSymbol(symbol!).getCallSignatures();
    const type = checker.getTypeOfSymbol(signature!.parameters[2]!);
    return checker
      .getNonNullableType(type)
      .getProperties()
      .map((property) => property.name);
  }

  test.each(places)('$code', ({ name, code, cursor }) => {
    const position = text.indexOf(code) + code.indexOf(cursor) + cursor.length;
    const offered = editor.getCompletionsAtPosition(path, position, {})?.entries.map((entry) => entry.name);
    const options = optionsOf(name);
    expect(options.length).toBeGreaterThan(0);
    expect(offered?.sort()).toEqual(options.sort());
  });
});
