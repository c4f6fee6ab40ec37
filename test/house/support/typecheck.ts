import { join, relative } from 'node:path';
import ts from 'typescript';
import { root } from './source.js';

function settings(): ts.ParsedCommandLine {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.json'),
    { noEmit: true, noUnusedLocals: false, noUnusedParameters: false },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
      },
    },
  );
  if (config === undefined) throw new Error('tsconfig.json cannot be read.');
  return config;
}

/**
 * A compiler's view of these files, under the repository's own strict settings; only what is unused may be,
 * since an example often ends with a result. `inMemory` adds files that exist nowhere else: `path → text`.
 */
export function programOf(
  files: readonly string[],
  inMemory: Readonly<Record<string, string>> = {},
): ts.Program {
  const config = settings();
  const disk = ts.createCompilerHost(config.options, true);
  const host: ts.CompilerHost = {
    ...disk,
    readFile: (path) => inMemory[path] ?? disk.readFile(path),
    fileExists: (path) => path in inMemory || disk.fileExists(path),
    getSourceFile: (path, options, ...others) =>
      path in inMemory
        ? ts.createSourceFile(path, inMemory[path]!, options, true)
        : disk.getSourceFile(path, options, ...others),
  };
  return ts.createProgram([...files, ...Object.keys(inMemory)], config.options, host);
}

/** What an editor knows of a file that exists in memory only. */
export function editorOf(path: string, text: string): ts.LanguageService {
  const { options } = settings();
  return ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [path],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) => {
      const content = file === path ? text : ts.sys.readFile(file);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (file) => file === path || ts.sys.fileExists(file),
    readFile: (file) => (file === path ? text : ts.sys.readFile(file)),
    directoryExists: (folder) => ts.sys.directoryExists(folder),
    getDirectories: (folder) => ts.sys.getDirectories(folder),
  });
}

/** What the compiler says about each file: `file → messages`. */
export function typecheck(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const program = programOf(files);
  return new Map(
    files.map((file) => {
      const source = program.getSourceFile(file);
      if (source === undefined) throw new Error(`${relative(root, file)} was not compiled.`);
      const diagnostics = [
        ...program.getSyntacticDiagnostics(source),
        ...program.getSemanticDiagnostics(source),
      ];
      return [file, diagnostics.map((diagnostic) => messageOf(diagnostic, source))];
    }),
  );
}

function messageOf({ start, messageText }: ts.Diagnostic, source: ts.SourceFile): string {
  const { line } = source.getLineAndCharacterOfPosition(start ?? 0);
  return `line ${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}
