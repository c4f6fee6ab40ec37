// The parts of Stryker that this uses, as far as it uses them. It is installed beside this file and not with the
// repository, so its own types may be missing.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Position {
  readonly line: number;
  readonly column: number;
}

interface SourceRange {
  readonly start: Position;
  readonly end: Position;
}

/** A change of the source, and what became of it. */
export interface Mutant {
  readonly fileName: string;
  readonly location: SourceRange;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status?: string;
  readonly statusReason?: string;
  readonly coveredBy?: readonly string[];
  readonly killedBy?: readonly string[];
}

/** A place in Babel's syntax tree; its lines begin at 1, Stryker's at 0. */
interface NodePath {
  readonly node: { readonly loc?: SourceRange | null };
  readonly hub: { readonly file: { readonly opts: { readonly filename: string } } };
}

export interface Mutator {
  readonly name: string;
  mutate(path: NodePath): Iterable<unknown>;
}

export interface Stryker {
  runMutationTest(): Promise<Mutant[]>;
}

interface File {
  readonly name: string;
  readonly mutate: true;
  readonly content: string;
}

interface Instrumenter {
  instrument(files: readonly File[], options: object): Promise<{ readonly mutants: readonly Mutant[] }>;
}

const packages = join(import.meta.dirname, 'node_modules', '@stryker-mutator');
const load = async <Module>(...path: string[]): Promise<Module> =>
  (await import(pathToFileURL(join(packages, ...path)).href)) as Module;

export const loadStryker = async (): Promise<new (options: object) => Stryker> =>
  (await load<{ Stryker: new (options: object) => Stryker }>('core', 'dist', 'src', 'index.js')).Stryker;

/** The list that Stryker itself goes through at each place of the source. */
export const loadMutators = async (): Promise<Mutator[]> =>
  (await load<{ allMutators: Mutator[] }>('instrumenter', 'dist', 'src', 'mutators', 'index.js')).allMutators;

export const loadInstrumenter = async (): Promise<new (logger: object) => Instrumenter> =>
  (
    await load<{ Instrumenter: new (logger: object) => Instrumenter }>(
      'instrumenter',
      'dist',
      'src',
      'index.js',
    )
  ).Instrumenter;
