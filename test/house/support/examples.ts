import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { freshProject } from './freshProject.js';
import type { FreshProject, Ran } from './freshProject.js';
import { declarationOf, entries, exportedValues, root } from './source.js';
import { docstringOf } from './docstrings.js';
import { typecheck } from './typecheck.js';

/** One runnable block of code of a docstring. */
export interface Example {
  /** Where it stands, for people. */
  readonly title: string;
  readonly code: string;
}

/** What became of it: messages of the compiler, and of the run; nothing if all is well. */
export interface Outcome {
  readonly compiler: readonly string[];
  readonly run: readonly string[];
  /** How many lines that it printed were compared with what comments beside them announce. */
  readonly compared: number;
}

/** What an example of a docstring may import beside the package. */
const beside = ['core', 'layers', 'backend-cpu', 'backend-wasm'].map((name) => `@tensorflow/tfjs-${name}`);

/** The examples of all docstrings. */
export function docstringExamples(): Example[] {
  const all = Object.values(entries).flatMap(exportedValues);
  // What is there at two doors has one docstring.
  const declared = new Map(all.map((exported) => [`${exported.file} ${exported.name}`, exported]));
  return [...declared.values()].map((exported) => ({
    title: `docstring of ${exported.name} in ${exported.file}`,
    code: blocksOf(docstringOf(declarationOf(exported)))
      .map(({ code }) => code)
      .join('\n'),
  }));
}

/** README.md and every Markdown file of docs/. */
export function pages(): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => join('docs', name))];
}

/** Blocks of code with their info strings and where they begin. */
export function blocksOf(
  markdown: string,
): { readonly info: string; readonly code: string; readonly line: number }[] {
  return [...markdown.matchAll(/^( *)(`{3,})([^\n`]*)\n(.*?)^\1\2 *$/gms)].map((match) => ({
    info: (match[3] ?? '').trim(),
    code: (match[4] ?? '').replaceAll(new RegExp(`^${match[1] ?? ''}`, 'gm'), ''),
    line: markdown.slice(0, match.index).split('\n').length,
  }));
}

/** Compiles all examples as TypeScript, and runs each, just as it stands, as a file of a fresh project. */
export async function tryExamples(examples: readonly Example[]): Promise<ReadonlyMap<Example, Outcome>> {
  const compiled = compile(examples);
  const project = freshProject();
  try {
    project.install(['ssim-ae', ...beside]);
    const runs = await inTurns(examples, ({ code }, index) => runFile(project, `example${index}.mjs`, code));
    return new Map(
      examples.map((example, index) => [example, { compiler: compiled[index]!, ...runs[index]! }]),
    );
  } finally {
    project.remove();
  }
}

/** What the compiler says of each. */
export function compile(examples: readonly { readonly code: string }[]): (readonly string[])[] {
  // Inside the repository, so that `import 'ssim-ae'` finds the package itself: its exports and its dist/.
  const folder = join(root, '.examples');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  try {
    const sources = examples.map((_, index) => join(folder, `example${index}.ts`));
    examples.forEach(({ code }, index) => writeFileSync(sources[index]!, `${code}\nexport {};\n`));
    const messages = typecheck(sources);
    return sources.map((source) => messages.get(source)!);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runFile(
  project: FreshProject,
  file: string,
  code: string,
): Promise<{ readonly run: readonly string[]; readonly compared: number }> {
  project.write(file, code);
  const ran = await project.run(`node ${file}`);
  if (ran.code !== 0) return { run: [`exit status ${ran.code}\n${ran.error}`], compared: 0 };
  return { run: disagreements(file, code, ran), compared: announcementsIn(code).size };
}

/** A line that prints one thing, and a comment that says what. */
const announced =
  /^.*(?:\.print\(\)|console\.log\(.*\));? \/\/ (\[[^\]]*\]|-?[\d.]+(?=:|$)|.*\b(?:above|below) -?[\d.]*\d|.+$)/;

function announcementsIn(code: string): ReadonlyMap<number, string> {
  return new Map(
    code.split('\n').flatMap((line, index) => {
      const expected = announced.exec(line)?.[1];
      return expected === undefined ? [] : [[index + 1, expected] as const];
    }),
  );
}

/** Where what lines printed is not what the comments beside them say; in words, nothing if it is. */
export function disagreements(file: string, code: string, { prints }: Ran): string[] {
  const announcements = announcementsIn(code);
  const own = prints.filter((print) => print.file === file);
  const wrong = own.flatMap(({ line, text }) => {
    const expected = announcements.get(line);
    if (expected === undefined) return [`line ${line} prints ${text}, and no comment says so`];
    return agree(expected, text)
      ? []
      : [`line ${line}: the comment says ${expected}, but it printed ${text}`];
  });
  const silent = [...announcements.keys()].filter((line) => own.every((print) => print.line !== line));
  return [...wrong, ...silent.map((line) => `line ${line} printed nothing`)];
}

const number = /-?\d+(?:\.(\d+))?(?:e[-+]?\d+)?/gi;
const numbersIn = (text: string): number[] => (text.match(number) ?? []).map(Number);

/** Words as they are; numbers within half of the last digit that the comment has, whole ones within 1e-4. */
function agree(expected: string, printed: string): boolean {
  const numbers = numbersIn(printed.replace(/^Tensor\s+/, ''));
  const bound = /\b(above|below) (-?[\d.]*\d)/.exec(expected);
  if (bound !== null) {
    const limit = Number(bound[2]);
    return numbers.length > 0 && numbers.every((x) => (bound[1] === 'above' ? x > limit : x < limit));
  }
  if (!/^[[\d-]/.test(expected)) return printed.trim() === expected;
  const wanted = [...expected.matchAll(number)];
  return (
    numbers.length === wanted.length &&
    wanted.every(([text, digits], i) => {
      const tolerance = digits === undefined ? 1e-4 : 0.51 * 10 ** -digits.length;
      return Math.abs(numbers[i]! - Number(text)) <= tolerance;
    })
  );
}

/** Like Promise.all, with no more at once than there are processors. */
export async function inTurns<From, To>(
  items: readonly From[],
  work: (item: From, index: number) => Promise<To>,
): Promise<To[]> {
  const results: To[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, worker));
  return results;
}
