import type { TestPicture } from '../pictures/dataset.js';

/** The defective picture in the middle of its kind by size, for at most eight kinds, and one good picture at the end: their indices. */
export function typicalPictures(test: readonly TestPicture[]): number[] {
  const kinds = [...new Set(test.map(({ kind }) => kind))];
  const defective = kinds.filter((kind) => kind !== 'good').slice(0, 8);
  const sizes = test.map(({ mask }) => mask.reduce((sum, value) => sum + value, 0));
  return [...defective, ...kinds.filter((kind) => kind === 'good')].map((kind) => {
    const indices = [...test.keys()].filter((index) => test[index]!.kind === kind);
    indices.sort((a, b) => sizes[a]! - sizes[b]!);
    return indices[Math.floor(indices.length / 2)]!;
  });
}
