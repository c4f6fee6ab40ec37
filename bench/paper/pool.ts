import type { SingleBar } from 'cli-progress';
import type { Worker } from 'node:worker_threads';
import type { Dataset } from '../pictures/dataset.js';
import { InputError } from '../running/inputError.js';
import { progressBars, timeText } from '../running/progress.js';
import { startThread } from '../running/startThread.js';
import type { Job, Progress } from './job.js';
import type { Outcome } from './report/outcome.js';
import type { Message, Task } from './worker.js';

/** Does all jobs, some at the same time, each with a progress bar; in the order given. A thread does one after another. */
export async function runAll(jobs: readonly Job[], dataset: Dataset, threads: number): Promise<Outcome[]> {
  const bars = progressBars(60, { forceRedraw: true });
  const longest = Math.max(...jobs.map(({ name }) => name.length));
  const outcomes: Outcome[] = [];
  const workers = Array.from({ length: Math.min(threads, jobs.length) }, () =>
    startThread(import.meta.resolve('./worker.ts'), { dataset } satisfies Task),
  );
  const waiting = [...jobs.entries()];
  const told = new Set<string>();
  // Once each: a checkpoint that cannot be written is tried again and again.
  const warn = (text: string): void => {
    if (told.has(text)) return;
    told.add(text);
    if (process.stderr.isTTY) bars.log(`! ${text}\n`);
    else console.error(`! ${text}`);
  };
  const work = async (worker: Worker): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, job] = next;
      const bar = bars.create(job.settings.steps, 0, {
        name: job.name.padEnd(longest),
        loss: '–',
        left: 'starting',
      });
      outcomes[index] = await runOne(job, worker, bar, dataset.test.length, warn);
    }
  };
  try {
    await Promise.all(workers.map(work));
  } finally {
    bars.stop();
    // After a mistake the others need not go on: their checkpoints are there.
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return outcomes;
}

async function runOne(
  job: Job,
  worker: Worker,
  bar: SingleBar,
  pictures: number,
  warn: (text: string) => void,
): Promise<Outcome> {
  const show = barOf(bar, job.settings.steps, pictures, (text) => warn(`${job.name}: ${text}`));
  const listeners = new AbortController();
  try {
    return await new Promise<Outcome>((resolve, reject) => {
      const on = <T>(event: string, listener: (value: T) => void): void => {
        worker.on(event, listener);
        listeners.signal.addEventListener('abort', () => worker.off(event, listener));
      };
      on('message', (message: Message) => {
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
      on('error', reject);
      on('exit', (code: number) => reject(new Error(`the thread of ${job.name} ended with code ${code}`)));
      worker.postMessage(job);
    });
  } finally {
    listeners.abort();
  }
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
