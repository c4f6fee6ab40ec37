import Table from 'cli-table3';
import { figureTable, figureText } from '../../inspection/figureTable.js';
import { mapNames, ownMap } from '../judge/maps.js';
import { titleOfModel } from '../models.js';
import { columnsOf, measures } from './columns.js';
import type { Subset } from './columns.js';
import type { Report } from './report.js';

/** What a terminal shows: the table of each set of test images, and every doubt. */
export function summary(report: Report): string {
  const parts: string[] = [];
  const { models } = report;
  for (const subset of ['all', 'large'] as const) {
    if (models.some(({ maps }) => maps.SSIM[subset] === null)) continue;
    parts.push('', titleOf(subset, report), tableOf(report, subset));
  }
  for (const { question, variants } of report.ablations) {
    const table = new Table({
      head: [question, ...measures.map(({ title }) => title), 'ms a step'],
      style: { head: [], border: [], compact: true },
    });
    for (const { name, outcome } of variants) {
      const time = (1000 * outcome.seconds) / outcome.settings.steps;
      table.push([name, ...measures.map(({ of }) => figureText(of(outcome.maps.SSIM.all))), time.toFixed(0)]);
    }
    parts.push('', table.toString());
  }
  for (const { model, doubts } of models)
    for (const { text } of doubts) parts.push('', `! ${titleOfModel(model)}: ${text}`);
  return `${parts.join('\n')}\n`;
}

export function titleOf(subset: Subset, { leastDefect }: Report): string {
  const which =
    subset === 'all'
      ? 'all test images'
      : `test images but for those with fewer than ${leastDefect} defective pixels`;
  return `ROC AUC of pixels, images and kinds, and AU-PRO: ${which} (1 perfect, 0.5 chance; * best; > the model's own map)`;
}

function tableOf(report: Report, subset: Subset): string {
  const columns = columnsOf(report, subset);
  return figureTable(
    ['model', 'residual map', ...columns.map(({ title }) => title)],
    report.models.flatMap((outcome) =>
      mapNames.map((map) => ({
        names: [titleOfModel(outcome.model), `${ownMap[outcome.model] === map ? '> ' : '  '}${map}`],
        figures: columns.map(({ value }) => value(outcome, map)),
      })),
    ),
  );
}
