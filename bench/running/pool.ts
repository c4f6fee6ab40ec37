import type { SingleBar } from 'cli-progress';
import type { Worker } from 'node:worker_threads';
import { InputError } from './inputError.js';
import type { Message } from './jobs.js';
import { progressBars, timeText } from './progress.js';
import type { Progress } from './progress.js';
import { startThread } from './startThread.js';

/** A model to train and to judge. */
export interface NamedJob {
  readonly name: string;
  readonly settings: { readonly steps: number };
}

export interface Pool {
  /** What every thread does with a job, by `doJobs`: as import.meta.resolve gives it. */
  readonly script: string;
  /** What all jobs share. */
  readonly task: { readonly dataset: { readonly test: readonly unknown[] } };
  readonly threads: number;
  /** Where there is no terminal, each job is told of so often. */
  readonly everySeconds: number;
}

/** Does all jobs, some at the same time, each with a progress bar; in the order given. A thread does one after another. */
export async function runAll<O>(
  jobs: readonly NamedJob[],
  { script, task, threads, everySeconds }: Pool,
): Promise<O[]> {
  const bars = progressBars(everySeconds);
  const longest = Math.max(...jobs.map(({ name }) => name.length));
  const outcomes: O[] = [];
  const workers = Array.from({ length: Math.min(threads, jobs.length) }, () => startThread(script, task));
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
      const { steps } = job.settings;
      const bar = bars.create(steps, 0, { name: job.name.padEnd(longest), loss: '–', left: 'starting' });
      const show = barOf(bar, steps, task.dataset.test.length, (text) => warn(`${job.name}: ${text}`));
      outcomes[index] = await runOne<O>(job, worker, show);
      bar.update(steps, { left: 'done' });
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

async function runOne<O>(job: NamedJob, worker: Worker, show: (progress: Progress) => void): Promise<O> {
  const listeners = new AbortController();
  try {
    return await new Promise<O>((resolve, reject) => {
      const on = <T>(event: string, listener: (value: T) => void): void => {
        worker.on(event, listener);
        listeners.signal.addEventListener('abort', () => worker.off(event, listener));
      };
      on('message', (message: Message<O>) => {
        if (message.kind === 'done') resolve(message.outcome);
        else if (message.kind === 'mistake') reject(new InputError(`${job.name}: ${message.text}`));
        else show(message);
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
