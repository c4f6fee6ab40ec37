import Table from 'cli-table3';
import { pixelAucOf } from '../inspection/pixelAuc.js';
import type { PixelAuc } from '../inspection/pixelAuc.js';
import type { Dataset } from '../pictures/dataset.js';
import { mapNames } from './evaluate.js';
import type { Inspection, MapName } from './evaluate.js';
import type { SavedModel } from '../detectors/savedModel.js';

export interface Result {
  readonly model: string;
  readonly trainingSeconds: number;
  readonly inspections: readonly Inspection[];
  readonly saved: SavedModel;
}

/** Pixel ROC AUC of one model with one map. */
export interface Score extends PixelAuc {
  readonly model: string;
  readonly map: MapName;
}

export function scoresOf({ test }: Dataset, results: readonly Result[]): Score[] {
  return results.flatMap(({ model, inspections }) =>
    mapNames.map((map) => ({
      model,
      map,
      ...pixelAucOf(
        test,
        inspections.map(({ maps }) => maps[map]),
      ),
    })),
  );
}

export function scoreOf(scores: readonly Score[], model: string, map: MapName): Score {
  const found = scores.find((score) => score.model === model && score.map === map);
  if (found === undefined) throw new Error(`no score of ${model} with the ${map} map`);
  return found;
}

export const aucText = (auc: number | null): string => (auc === null ? '–' : auc.toFixed(3));

/** A row for each model and map; the best value of a column carries a star. */
export function tableOf(scores: readonly Score[]): string {
  const kinds = Object.keys(scores[0]?.kinds ?? {});
  const columns = [
    (score: Score) => score.all,
    ...kinds.map((kind) => (score: Score) => score.kinds[kind] ?? null),
  ];
  const best = columns.map((value) => Math.max(...scores.map(value).filter((auc) => auc !== null)));
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
        return auc === null ? aucText(auc) : `${aucText(auc)}${auc === best[column] ? ' *' : '  '}`;
      }),
    ]);
  }
  return table.toString();
}
