import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { randomFrom } from '../../bench/running/random.js';
import { loadInstrumenter, loadMutators } from './stryker.js';
import type { Mutator } from './stryker.js';

/** One mutant: where, by which mutator, and which of its replacements there. */
export type Key = string;

/** `src/ssim/ssim.ts:12`, the line of a mutant. */
export const lineOf = (key: Key): string => key.split(':').slice(0, 2).join(':');

/** `count` of them, by chance. */
export function drawn(keys: readonly Key[], count: number, seed: number): Key[] {
  const random = randomFrom(seed);
  const rest = [...keys];
  return Array.from(
    { length: Math.min(count, rest.length) },
    () => rest.splice(Math.floor(random() * rest.length), 1)[0]!,
  );
}

/**
 * Stryker mutates whole files or ranges of them, with all that lies inside. Here each of its mutators is asked
 * through `isWanted`, so that the mutants of a run are those and no others.
 */
async function wrapMutators(isWanted: (key: Key) => boolean): Promise<() => void> {
  const mutators = await loadMutators();
  const originals = mutators.map((mutator) => mutator.mutate.bind(mutator));
  mutators.forEach((mutator: Mutator, index) => {
    mutator.mutate = (path) => {
      const { loc } = path.node;
      if (!loc) return [];
      const file = relative('.', path.hub.file.opts.filename).replaceAll('\\', '/');
      const where = `${file}:${loc.start.line}:${loc.start.column + 1}-${loc.end.line}:${loc.end.column + 1}`;
      return [...originals[index]!(path)].filter((_, replacement) =>
        isWanted(`${where} ${mutator.name} ${replacement}`),
      );
    };
  });
  return () => mutators.forEach((mutator, index) => (mutator.mutate = originals[index]!));
}

/** All mutants of these files. */
export async function allMutants(files: readonly string[]): Promise<Key[]> {
  const keys: Key[] = [];
  const restore = await wrapMutators((key) => {
    keys.push(key);
    return true;
  });
  try {
    const Instrumenter = await loadInstrumenter();
    const silent = { debug() {}, info() {}, warn() {}, isDebugEnabled: () => false };
    await new Instrumenter(silent).instrument(
      files.map((name) => ({ name, mutate: true, content: readFileSync(name, 'utf8') })),
      { plugins: null, ignorers: [], excludedMutations: [], noHeader: false },
    );
  } finally {
    restore();
  }
  return keys;
}

/** From now on Stryker makes these mutants and no others. */
export async function restrictTo(keys: readonly Key[]): Promise<void> {
  const wanted = new Set(keys);
  await wrapMutators((key) => wanted.has(key));
}
