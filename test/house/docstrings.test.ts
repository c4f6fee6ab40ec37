import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { docstringOf, lacksOf, requiredLines } from './support/docstrings.js';
import { declarationOf, entries, exportedTypes, exportedValues } from './support/source.js';

/** Typed arrays in, numbers out: these rooms have no gradients. */
const withoutGradient = /^(segmentation|metrics|arrays)\//;

/** Functions that say it in other words: they take no images, or another function's, or do more than compute. */
const otherLines: Readonly<Record<string, readonly string[]>> = {
  autoencoder: [],
  defectDetector: [],
  folderHandler: [],
  loadDetector: [],
  trainAutoencoder: [],
  registerWasmTraining: [],
  useFusedKernels: [],
  withOptions: ['Shapes, range and gradient:'],
};

const functions = Object.values(entries)
  .flatMap(exportedValues)
  .map((exported) => ({ ...exported, declaration: declarationOf(exported) }))
  .filter(({ declaration }) => ts.isFunctionDeclaration(declaration))
  .map(({ name, file, declaration }) => ({
    name,
    lines: withoutGradient.test(file) ? requiredLines.slice(0, 2) : requiredLines,
    docstring: docstringOf(declaration),
    parameters: (declaration as ts.FunctionDeclaration).parameters.map((parameter) =>
      parameter.name.getText(),
    ),
  }));

describe('docstrings', () => {
  test.each(functions)('$name', ({ name, docstring, parameters, lines }) => {
    expect(lacksOf(docstring, parameters, otherLines[name] ?? lines)).toEqual([]);
  });

  test('the exceptions are exported functions, which lack these lines', () => {
    for (const name of Object.keys(otherLines)) {
      const exception = functions.find((candidate) => candidate.name === name);
      expect(exception, name).toBeDefined();
      expect(lacksOf(exception!.docstring, exception!.parameters), name).not.toEqual([]);
    }
  });

  test('what is exported and is no function has a docstring with an example too', () => {
    for (const exported of Object.values(entries).flatMap(exportedValues)) {
      expect(docstringOf(declarationOf(exported)), exported.name).toMatch(/@example\n```ts\n/);
    }
  });

  test('every part that is missing is reported', () => {
    const { docstring, parameters } = functions.find(({ name }) => name === 'ssimLoss')!;
    const parts = [
      /^T/,
      / = .*$/m,
      /^Shapes:.*$/m,
      /^Range:.*$/m,
      /^Gradient:.*$/m,
      /^@param yPred.*$/m,
      /^@throws(.|\n)*?(?=^@see)/m,
      /^@see.*$/m,
      /^```ts$/m,
    ];
    expect(parts.map((part) => lacksOf(docstring.replace(part, ''), parameters).length)).toEqual(
      parts.map(() => 1),
    );
    expect(lacksOf('', parameters)).toHaveLength(9);
  });

  test('parts in another order are reported', () => {
    const { docstring, parameters } = functions.find(({ name }) => name === 'ssimLoss')!;
    const exchanged = [
      docstring.replace(/^(Shapes:.*\n)(Range:.*\n)/m, '$2$1'),
      docstring.replace(/^(@throws(?:.|\n)*?)(@see.*\n)/m, '$2$1'),
      docstring.replace(/^@see /m, '@returns a number\n@see '),
    ];
    expect(exchanged.map((text) => lacksOf(text, parameters))).toEqual([
      [expect.stringContaining('in the order Shapes')],
      [expect.stringContaining('in the order @param')],
      [expect.stringContaining('@returns')],
    ]);
  });

  const types = Object.values(entries).flatMap(exportedTypes).map(declarationOf);
  const nameOf = (declaration: ts.Node) => (declaration as ts.InterfaceDeclaration).name.text;

  test('every exported type has one', () => {
    expect(types.length).toBeGreaterThan(5);
    expect(types.filter((declaration) => docstringOf(declaration) === '').map(nameOf)).toEqual([]);
  });

  test('every field of an option or a result has one, with its @default where it may be left out', () => {
    const fields = types.filter(ts.isInterfaceDeclaration).flatMap((declaration) =>
      declaration.members.map((member) => ({
        type: nameOf(declaration),
        member: member as ts.PropertySignature,
      })),
    );
    expect(fields.length).toBeGreaterThan(20);
    const faults = fields.flatMap(({ type, member }) => {
      const docstring = docstringOf(member);
      const isReadonly = member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword);
      const holds =
        docstring !== '' &&
        isReadonly === true &&
        /^@default \S/m.test(docstring) === (member.questionToken !== undefined);
      return holds ? [] : [`${type}.${member.name.getText()}`];
    });
    expect(faults).toEqual([]);
  });
});
