// Fused against composed on webgl and webgpu, in headless Chromium.
//
//   npm run bench:browser -- [--shapes 8x128x128x1,...] [--backends webgl,webgpu] [--runs 21]
//                            [--seconds 5] [--out DIR]
//
// At most so many runs, fewer where they would take more than so many seconds (each variant; at least three).
// CHROMIUM_PATH names the browser, /usr/bin/chromium unless given.
import Table from 'cli-table3';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openPage } from '../../running/chromium.js';
import { machineOf } from '../../running/machine.js';
import { formatShape, parseShapes } from '../rows/shapes.js';
import type { Shape } from '../rows/shapes.js';
import { timingOf } from '../statistics.js';
import type { Timing } from '../statistics.js';
import { formatTime } from '../tables.js';
import type { BrowserSample } from './page.js';

interface BrowserResult {
  readonly backend: string;
  readonly shape: Shape;
  readonly mode: BrowserSample['mode'];
  readonly fused: Timing;
  readonly composed: Timing;
}

const { values: flags } = parseArgs({
  options: {
    shapes: { type: 'string', default: '8x128x128x1,1x512x512x1,8x256x256x3' },
    backends: { type: 'string', default: 'webgl,webgpu' },
    runs: { type: 'string', default: '21' },
    seconds: { type: 'string', default: '5' },
    out: { type: 'string', default: 'bench-out' },
  },
});

function compared(
  backend: string,
  shape: Shape,
  mode: BrowserSample['mode'],
  samples: readonly BrowserSample[],
): BrowserResult {
  const [fused, composed] = [true, false].map((kind) =>
    samples.find((sample) => sample.fused === kind && sample.mode === mode),
  ) as [BrowserSample, BrowserSample];
  const scale = mode === 'value' ? 1 : Math.abs(composed.check);
  if (!(Math.abs(fused.check - composed.check) <= 1e-4 * scale)) {
    throw new Error(`${backend}, ${mode}: fused gives ${fused.check}, composed ${composed.check}`);
  }
  return {
    backend,
    shape,
    mode,
    fused: timingOf(fused.samples, 1),
    composed: timingOf(composed.samples, 1),
  };
}

const shapes = parseShapes(flags.shapes);
const { page, close } = await openPage(fileURLToPath(new URL('./page.ts', import.meta.url)));
try {
  const renderer = await page.evaluate(() => window.renderer());
  console.log(renderer);
  const results: BrowserResult[] = [];
  const head = ['backend', 'images', '', 'fused ms', 'quartiles', 'composed ms', 'quartiles', 'ratio'];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const backend of flags.backends.split(',')) {
    for (const shape of shapes) {
      console.error(`${backend}, ${formatShape(shape)} …`);
      const measured = await page.evaluate(([name, size, plan]) => window.measureBackend(name, size, plan), [
        backend,
        shape,
        { runs: Number(flags.runs), seconds: Number(flags.seconds) },
      ] as const);
      if (typeof measured === 'string') {
        table.push([backend, formatShape(shape), measured, '–', '', '–', '', '']);
        continue;
      }
      for (const mode of ['value', 'gradient'] as const) {
        const result = compared(backend, shape, mode, measured);
        results.push(result);
        const cells = [result.fused, result.composed].flatMap(({ median, q1, q3 }) => [
          formatTime(median),
          `${formatTime(q1)}–${formatTime(q3)}`,
        ]);
        const ratio = `${(result.composed.median / result.fused.median).toFixed(1)}×`;
        const what = mode === 'value' ? 'value' : 'value and gradient';
        table.push([backend, formatShape(shape), what, ...cells, ratio]);
      }
    }
  }
  console.log(table.toString());
  mkdirSync(flags.out, { recursive: true });
  const file = join(flags.out, 'browser.json');
  writeFileSync(file, `${JSON.stringify({ machine: machineOf(), renderer, results }, undefined, 1)}\n`);
  console.log(`${file} written.`);
} finally {
  await close();
}
