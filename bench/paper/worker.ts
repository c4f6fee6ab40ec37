// Trains and judges one model after another on a thread of its own: two threads keep two cores busy.
import { parentPort, workerData } from 'node:worker_threads';
import type { Dataset } from '../pictures/dataset.js';
import { InputError } from '../running/inputError.js';
import type { Job, Progress } from './job.js';
import type { Outcome } from './report/outcome.js';
import { runJob } from './runJob.js';
import { openLearner } from './train/openLearner.js';

export interface Task {
  readonly dataset: Dataset;
}

export type Message =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'mistake'; readonly text: string };

async function run(job: Job, dataset: Dataset, tell: (message: Message) => void): Promise<void> {
  try {
    const outcome = await runJob(
      job,
      dataset,
      (options) => openLearner(job.settings.backend, options),
      (progress) => tell({ kind: 'progress', progress }),
    );
    tell({ kind: 'done', outcome });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    tell({ kind: 'mistake', text: error.message });
  }
}

if (parentPort !== null) {
  const port = parentPort;
  const { dataset } = (workerData as { readonly task: Task }).task;
  // The next job comes when the last is done.
  port.on('message', (job: Job) => void run(job, dataset, (message) => port.postMessage(message)));
}
