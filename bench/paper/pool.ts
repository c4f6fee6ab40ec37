import type { SingleBar } from 'cli-progress';
import type { Worker } from 'node:worker_threads';
import type { Dataset } from '../pictures/dataset.js';
import { InputError } from '../running/inputError.js';
import { progressBars, timeText } from '../running/progress.js';
import { startThread } from '../running/startThread.js';
import type { Job, Progress } from './job.js';
import type { Outcome } from './report/outcome.js';
import type { Message, Task } from './worker.js';

/** Does all jobs, some at the same time, each on a thread of its own and with a progress bar; in the order given. */
export async function runAll(jobs: readonly Job[], dataset: Dataset, threads: number): Promise<Outcome[]> {
  const bars = progressBars(60, { forceRedraw: true });
  const longest = Math.max(...jobs.map(({ name }) => name.length));
  const outcomes: Outcome[] = [];
  const running = new Set<Worker>();
  const waiting = [...jobs.entries()];
  const told = new Set<string>();
  // Once each: a checkpoint that cannot be written is tried again and again.
  const warn = (text: string): void => {
    if (told.has(text)) return;
    told.add(text);
    if (process.stderr.isTTY) bars.log(`! ${text}\n`);
    else console.error(`! ${text}`);
  };
  const thread = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, job] = next;
      const bar = bars.create(job.settings.steps, 0, {
        name: job.name.padEnd(longest),
        loss: '–',
        left: 'starting',
      });
      outcomes[index] = await runOne(job, dataset, bar, running, warn);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(threads, jobs.length) }, thread));
  } finally {
    bars.stop();
    // After a mistake the others need not go on: their checkpoints are there.
    await Promise.all([...running].map((worker) => worker.terminate()));
  }
  return outcomes;
}

function runOne(
  job: Job,
  dataset: Dataset,
  bar: SingleBar,
  running: Set<Worker>,
  warn: (text: string) => void,
): Promise<Outcome> {
  const worker = startThread(import.meta.resolve('./worker.ts'), { job, dataset } satisfies Task);
  running.add(worker);
  const show = barOf(bar, job.settings.steps, dataset.test.length, (text) => warn(`${job.name}: ${text}`));
  return new Promise<Outcome>((resolve, reject) => {
    worker.on('message', (message: Message) => {
      switch (message.kind) {
        case 'progress':
          show(message.progress);
          break;
        case 'done':
          bar.update(job.settings.steps, { left: 'done' });
          resolve(message.outcome);
          break;
        case 'mistake':
          reject(new InputError(`${job.name}: ${message.text}`));
          break;
      }
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      running.delete(worker);
      if (code !== 0) reject(new Error(`the thread of ${job.name} ended with code ${code}`));
    });
  });
}

/** The time left comes from the steps of this run: those before an interruption took none of its time. */
function barOf(
  bar: SingleBar,
  steps: number,
  pictures: number,
  warn: (text: string) => void,
): (progress: Progress) => void {
  let began: number | undefined;
  return (progress) => {
    switch (progress.kind) {
      case 'step': {
        const { step, loss, resumedAt } = progress;
        began ??= performance.now();
        const made = step - resumedAt - 1;
        const left = made < 1 ? undefined : ((performance.now() - began) / made) * (steps - step);
        bar.update(step, {
          loss: loss.toPrecision(4),
          left: left === undefined ? '' : `${timeText(left / 1000)} left`,
        });
        break;
      }
      case 'tested':
        bar.update(steps, { left: `testing ${progress.pictures}/${pictures}` });
        break;
      case 'unwritten':
        warn(progress.text);
        break;
    }
  };
}
