// One model after another, trained and judged on a thread of its own: two threads keep two cores busy.
import { parentPort, workerData } from 'node:worker_threads';
import type { Dataset } from '../pictures/dataset.js';
import { InputError } from '../running/inputError.js';
import type { Job, Progress } from './job.js';
import type { Outcome } from './report/outcome.js';
import { runJob } from './runJob.js';
import { openLearner } from './train/openLearner.js';

export interface Task {
  readonly job: Job;
  readonly dataset: Dataset;
}

export type Message =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'mistake'; readonly text: string };

if (parentPort !== null) {
  const port = parentPort;
  const { job, dataset } = (workerData as { readonly task: Task }).task;
  const tell = (message: Message): void => port.postMessage(message);
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
