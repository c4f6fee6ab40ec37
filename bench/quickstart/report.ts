import Table from 'cli-table3';
import { rocAuc } from '../../src/index.js';
import { joined } from '../inspection/joined.js';
import type { Dataset } from '../pictures/dataset.js';
import { mapNames } from './evaluate.js';
import type { Inspection, MapName } from './evaluate.js';

export interface Result {
  readonly model: string;
  readonly trainingSeconds: number;
  readonly inspections: readonly Inspection[];
}

/** Pixel ROC AUC of one model with one map, over all test pixels and kind by kind. */
export interface Score {
  readonly model: string;
  readonly map: MapName;
  readonly all: number;
  readonly kinds: Readonly<Record<string, number>>;
}

export function scoresOf({ test }: Dataset, results: readonly Result[]): Score[] {
  const kinds = [...new Set(test.map(({ kind }) => kind))].filter((kind) => kind !== 'good');
  return results.flatMap(({ model, inspections }) =>
    mapNames.map((map) => {
      const auc = (belongs: (kind: string) => boolean): number => {
        const chosen = [...test.keys()].filter((index) => belongs(test[index]!.kind));
        const truth = joined(chosen.map((index) => test[index]!.mask));
        if (!truth.includes(0) || !truth.includes(1)) return NaN; // nothing to compare
        return rocAuc(joined(chosen.map((index) => inspections[index]!.maps[map])), truth);
      };
      return {
        model,
        map,
        all: auc(() => true),
        kinds: Object.fromEntries(
          kinds.map((kind) => [kind, auc((other) => other === kind || other === 'good')]),
        ),
      };
    }),
  );
}

export function scoreOf(scores: readonly Score[], model: string, map: MapName): Score {
  const found = scores.find((score) => score.model === model && score.map === map);
  if (found === undefined) throw new Error(`no score of ${model} with the ${map} map`);
  return found;
}

/** A row for each model and map; the best value of a column carries a star. */
export function tableOf(scores: readonly Score[]): string {
  const kinds = Object.keys(scores[0]?.kinds ?? {});
  const columns = [
    (score: Score) => score.all,
    ...kinds.map((kind) => (score: Score) => score.kinds[kind] ?? NaN),
  ];
  const best = columns.map((value) => Math.max(...scores.map(value).filter((auc) => !Number.isNaN(auc))));
  const table = new Table({
    head: ['model', 'residual map', 'all pixels', ...kinds],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', ...columns.map(() => 'right' as const)],
  });
  for (const score of scores) {
    table.push([
      score.model,
      score.map,
      ...columns.map((value, column) => {
        const auc = value(score);
        return Number.isNaN(auc) ? '–' : `${auc.toFixed(3)}${auc === best[column] ? ' *' : '  '}`;
      }),
    ]);
  }
  return table.toString();
}
