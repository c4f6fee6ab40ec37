import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The public entries and where their source begins. */
export const entries = {
  'ssim-ae': 'index.ts',
  'ssim-ae/kernels': 'kernels.ts',
  'ssim-ae/autoencoder': 'autoencoder.ts',
  'ssim-ae/arrays': 'arrays.ts',
} as const;

/** Every file of src/, as a path from there with forward slashes. */
export function sourcePaths(): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
    .sort();
}

/** A file of src/ as a syntax tree. */
export function parseSource(path: string): ts.SourceFile {
  return parse(path, readFileSync(join(root, 'src', path), 'utf8'));
}

/** Any text as a syntax tree. */
export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
}

/** `./options.js` as imported in `checks/features.ts`: `checks/options.ts`. */
export function resolveRelative(importer: string, specifier: string): string {
  return posix.join(posix.dirname(importer), specifier).replace(/\.js$/, '.ts');
}

export interface ExportedName {
  readonly name: string;
  readonly file: string;
}

/** The values (no types) that an entry exports, each with the file of src/ that it comes from. */
export function exportedValues(entry: string): ExportedName[] {
  return exportsOf(entry, false);
}

/** The types that an entry exports. */
export function exportedTypes(entry: string): ExportedName[] {
  return exportsOf(entry, true);
}

function exportsOf(entry: string, ofTypes: boolean): ExportedName[] {
  return parseSource(entry).statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.isTypeOnly !== ofTypes) return [];
    const { exportClause, moduleSpecifier } = statement;
    if (exportClause === undefined || !ts.isNamedExports(exportClause) || moduleSpecifier === undefined) {
      throw new Error(`${entry}: "${statement.getText()}" is no list of names from a file.`);
    }
    const file = resolveRelative(entry, (moduleSpecifier as ts.StringLiteral).text);
    return exportClause.elements.map(({ name }) => ({ name: name.text, file }));
  });
}

type Declaration =
  ts.FunctionDeclaration | ts.VariableStatement | ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

/** The statement that declares an exported name, in that file or in one that it hands on from. */
export function declarationOf({ name, file }: ExportedName): Declaration {
  const declares = (statement: ts.Statement): statement is Declaration =>
    ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.some((declaration) => declaration.name.getText() === name)
      : (ts.isFunctionDeclaration(statement) ||
          ts.isInterfaceDeclaration(statement) ||
          ts.isTypeAliasDeclaration(statement)) &&
        statement.name?.text === name;
  const found = parseSource(file).statements.find(declares);
  if (found !== undefined) return found;
  const handedOn = [...exportsOf(file, true), ...exportsOf(file, false)].find((other) => other.name === name);
  if (handedOn === undefined) throw new Error(`${file} declares no ${name}.`);
  return declarationOf(handedOn);
}
