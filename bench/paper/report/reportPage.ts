import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { figureText } from '../../inspection/figureTable.js';
import { timeText } from '../../running/progress.js';
import { mapNames, ownMap } from '../judge/maps.js';
import type { MapName } from '../judge/maps.js';
import { titleOfModel } from '../models.js';
import { columnsOf, measures } from './columns.js';
import type { Subset } from './columns.js';
import type { Outcome } from './outcome.js';
import type { Report } from './report.js';

/** One file that needs nothing else. */
export function reportPage(report: Report): string {
  const { name, counts, models } = report;
  const sections = [
    doubtsSection(models),
    '<h2>Which loss, which map?</h2>',
    tableSection('all', report),
    tableSection('large', report),
    `<p class="note">ROC AUC over all pixels (<b>pixels</b>); the mean of it within each defective image (<b>within</b>), which
      does not reward maps that glow wherever an image is unlike the others; <b>AU-PRO</b> up to a false positive rate of 0.3; ROC
      AUC of whole <b>images</b>, each by its largest residual, or by the mean of the hundredth of its pixels that shine most; and ROC
      AUC of pixels kind by kind, good images included. 1 is perfect, 0.5 chance. Bold: the best of its column. ▸: the map that the
      paper judges this model by. Features: ${escaped(report.features)}. A model that decodes no samples ranks pixels in the VAE map as in the ℓ2 map.</p>`,
    '<h2>ROC curves</h2>',
    `<div class="row">${rocPlot(
      'Each model with its own map',
      models.map((outcome) => [titleOfModel(outcome.model), outcome.curves[ownMap[outcome.model]]]),
    )}
      ${models
        .map((outcome) =>
          rocPlot(
            `${titleOfModel(outcome.model)}, every map`,
            mapNames.map((map) => [map, outcome.curves[map]]),
          ),
        )
        .join('\n')}</div>`,
    '<h2>Training</h2>',
    `<div class="row">${models.map(trainingPlot).join('\n')}</div>`,
    checkTable(models),
    ...report.ablations.map(ablationSection),
    '<h2>Pictures</h2>',
    `<p class="note">Of each kind the defective image in the middle by size. In maps, black is the median of good images held back from
      training, the brightest is 1.5 times as far from it as 99 % of their pixels reach; the blue rim is the true defect. Masks
      (red): what exceeds 99.9 % of the pixels of those good images, in regions of at least 10 pixels.</p>`,
    ...report.pictures.map((picture, index) => pictureSection(report, picture, index)),
    '<h2>Settings and versions</h2>',
    settingsTable(report),
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(name)}: four autoencoders</title>
<style>${style}</style>
<h1>Four autoencoders on ${escaped(name)}</h1>
<p>Trained on ${counts.train} good images; judged on ${counts.test} images, ${counts.defective} of them defective. ${timeText(report.seconds)} of training and judging, ablations included.</p>
${sections.join('\n')}
</html>
`;
}

const style = `
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1240px; margin: 2em auto; padding: 0 1em; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 2em; border-bottom: 1px solid #ddd; }
table { border-collapse: collapse; margin: 0.7em 0; font-variant-numeric: tabular-nums; }
th, td { padding: 2px 9px; text-align: right; border-bottom: 1px solid #eee; white-space: nowrap; }
th:first-child, td:first-child, .maps th:nth-child(2), .maps td:nth-child(2), .settings td { text-align: left; }
tr.first td { border-top: 2px solid #bbb; } tr.own td { background: #f3f7fc; }
caption { text-align: left; font-weight: bold; padding: 0.3em 0; }
.note { color: #555; font-size: 13px; max-width: 75em; }
.scroll { overflow-x: auto; }
.doubt { background: #fff4e0; border-left: 4px solid #e09000; padding: 0.5em 1em; margin: 0.5em 0; }
.fine { background: #eef8ee; border-left: 4px solid #4a4; padding: 0.5em 1em; margin: 0.5em 0; }
.row { display: flex; flex-wrap: wrap; gap: 18px; } figure { margin: 0; } figure h3 { font-size: 14px; margin: 0.4em 0; }
.pictures { border-collapse: separate; border-spacing: 6px; } .pictures th, .pictures td { border: 0; padding: 0; text-align: left; font-size: 12px; font-weight: normal; }
.pictures th:first-child { font-weight: bold; font-size: 14px; padding-right: 6px; } .pictures img { width: 124px; display: block; image-rendering: auto; }
.pictures td.own img { outline: 3px solid #3a78c2; }
`;

function doubtsSection(models: readonly Outcome[]): string {
  const doubts = models.flatMap(({ model, doubts: of }) =>
    of.map(
      ({ what, text }) => `<p class="doubt"><b>${titleOfModel(model)}: ${what}.</b> ${escaped(text)}</p>`,
    ),
  );
  return doubts.length > 0
    ? doubts.join('\n')
    : '<p class="fine">All models have learnt the good images, and no test image differs from those all over.</p>';
}

function tableSection(subset: Subset, report: Report): string {
  if (report.models.some(({ maps }) => maps.SSIM[subset] === null)) return '';
  const columns = columnsOf(report, subset);
  const rows = report.models.flatMap((outcome) =>
    mapNames.map((map, index) => {
      const own = ownMap[outcome.model] === map;
      const cells = columns.map(({ value, best }) => {
        const figure = value(outcome, map);
        return `<td>${figure !== null && figure === best ? `<b>${figureText(figure)}</b>` : figureText(figure)}</td>`;
      });
      const classes = [...(index === 0 ? ['first'] : []), ...(own ? ['own'] : [])].join(' ');
      return `<tr class="${classes}"><td>${index === 0 ? `${titleOfModel(outcome.model)}` : ''}</td><td>${own ? '▸ ' : ''}${map}</td>${cells.join('')}</tr>`;
    }),
  );
  const title =
    subset === 'all'
      ? 'All test images'
      : `Without images that have fewer than ${report.leastDefect} defective pixels`;
  return `<div class="scroll"><table class="maps"><caption>${title}</caption><tr><th>model</th><th>map</th>${columns
    .map(({ title: head }) => `<th>${escaped(head)}</th>`)
    .join('')}</tr>${rows.join('\n')}</table></div>`;
}

type Named = readonly [name: string, curve: readonly (readonly [number, number])[]];

function rocPlot(title: string, curves: readonly Named[]): string {
  const points = curves.flatMap(([name, curve]) => curve.map(([x, y]) => ({ name, x, y })));
  return figure(title, {
    width: 380,
    height: 330,
    x: { label: 'false positive rate', domain: [0, 1] },
    y: { label: 'true positive rate', domain: [0, 1], grid: true },
    color: { legend: true, domain: curves.map(([name]) => name) },
    marks: [
      Plot.line(
        [
          [0, 0],
          [1, 1],
        ],
        { stroke: '#bbb', strokeDasharray: '3,3' },
      ),
      Plot.line(points, { x: 'x', y: 'y', stroke: 'name' }),
    ],
  });
}

function trainingPlot({ model, losses }: Outcome): string {
  const width = Math.max(1, Math.ceil(losses.length / 120));
  const points = Array.from({ length: Math.ceil(losses.length / width) }, (_, k) => {
    const part = losses.slice(k * width, (k + 1) * width);
    return {
      step: k * width + part.length / 2,
      loss: part.reduce((sum, loss) => sum + loss, 0) / part.length,
    };
  });
  // Those of a σ-VAE are negative log densities, which may be below 0.
  const positive = points.every(({ loss }) => loss > 0);
  return figure(titleOfModel(model), {
    width: 280,
    height: 220,
    marginLeft: 55,
    x: { label: 'step' },
    y: { label: 'loss', type: positive ? 'log' : 'linear', grid: true, tickFormat: '~g', ticks: 5 },
    marks: [Plot.line(points, { x: 'step', y: 'loss', stroke: '#4269d0' })],
  });
}

function figure(title: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const plot = Plot.plot({ ...options, document: document });
  return `<figure><h3>${escaped(title)}</h3>${plot.outerHTML}</figure>`;
}

function checkTable(models: readonly Outcome[]): string {
  const rows = models.map(({ model, seconds, losses, inspectionSeconds, check, device }) =>
    [
      titleOfModel(model),
      ((1000 * seconds) / losses.length).toFixed(0),
      timeText(seconds),
      timeText(inspectionSeconds),
      `${(100 * check.structure).toFixed(0)} %`,
      `${(100 * check.variance).toFixed(0)} %`,
      escaped(device),
    ]
      .map((cell) => `<td>${cell}</td>`)
      .join(''),
  );
  return `<table><tr><th>model</th><th>ms a step</th><th>training</th><th>judging</th><th>structure reproduced</th><th>variance reproduced</th><th>device</th></tr>
<tr>${rows.join('</tr>\n<tr>')}</tr></table>
<p class="note">Reproduced: of good images held back from training, 0 % for the mean grey of each patch and 100 % for a perfect
copy; structure by SSIM, variance by squares.${models
    .filter(({ model }) => model === 'FM')
    .map(({ lambda }) => ` FM: λ ${lambda.toPrecision(3)}.`)
    .join('')}</p>`;
}

function ablationSection({ question, variants }: Report['ablations'][number], index: number): string {
  const rows = variants.map(({ name, outcome }) => {
    const cells = measures.map(({ of }) => `<td>${figureText(of(outcome.maps.SSIM.all))}</td>`).join('');
    const step = ((1000 * outcome.seconds) / outcome.settings.steps).toFixed(0);
    const doubts = outcome.doubts.filter(({ what }) => what !== 'other images').map(({ what }) => what);
    return `<tr><td>${escaped(name)}</td><td>${(100 * outcome.check.structure).toFixed(0)} %</td>${cells}<td>${step}</td><td>${doubts.join(', ')}</td></tr>`;
  });
  return `${index === 0 ? '<h2>One thing at a time</h2><p class="note">SSIM models, each judged with the SSIM map of its own options. One seed: differences of a hundredth may be chance.</p>' : ''}
<table><caption>${escaped(question)}</caption><tr><th></th><th>structure reproduced</th>${measures.map(({ title }) => `<th>${title}</th>`).join('')}<th>ms a step</th><th></th></tr>${rows.join('')}</table>`;
}

function pictureSection({ models }: Report, picture: Report['pictures'][number], index: number): string {
  const image = (source: string, alt: string): string => `<img src="${source}" alt="${escaped(alt)}">`;
  const rows = models.map((outcome) => {
    const drawing = outcome.drawings[index]!;
    const own = ownMap[outcome.model];
    const maps = mapNames.map(
      (map: MapName) =>
        `<td class="${map === own ? 'own' : ''}">${image(drawing.maps[map], `${map} map`)}</td>`,
    );
    return `<tr><th>${titleOfModel(outcome.model)}</th><td>${image(drawing.reconstruction, 'reconstruction')}</td>${maps.join('')}
<td>${image(drawing.masks[own], `mask by the ${own} map`)}</td><td>${own === 'SSIM' ? '' : image(drawing.masks.SSIM, 'mask by the SSIM map')}</td></tr>`;
  });
  return `<h3>${escaped(picture.kind.replaceAll('_', ' '))} <small>${escaped(picture.name)}</small></h3>
<table class="pictures"><tr><th></th><th>input</th><th>truth</th></tr><tr><th></th><td>${image(picture.input, 'input')}</td><td>${image(picture.truth, 'true mask')}</td></tr></table>
<div class="scroll"><table class="pictures"><tr><th></th><th>reconstruction</th>${mapNames.map((map) => `<th>${map} map</th>`).join('')}<th>mask by its own map</th><th>mask by SSIM</th></tr>
${rows.join('\n')}</table></div>`;
}

function settingsTable({ data, shrink, settings, machine, features }: Report): string {
  const { variation, ssim, ...rest } = settings;
  const entries: [string, string][] = [
    ['images', shrink === 1 ? data : `${data}, made ${shrink} times smaller`],
    ...Object.entries(rest).map(([key, value]): [string, string] => [key, String(value)]),
    ['variation of patches', JSON.stringify(variation)],
    ['SSIM options', JSON.stringify(ssim)],
    ['features', features],
    ['processor', `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB`],
    ['Node', machine.node],
    ...Object.entries(machine.versions).map(([key, value]): [string, string] => [key, String(value)]),
    ['date', machine.date],
  ];
  return `<table class="settings">${entries.map(([key, value]) => `<tr><td>${escaped(key)}</td><td>${escaped(value)}</td></tr>`).join('')}</table>`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
