import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from './inputError.js';
import type { Progress } from './progress.js';

/** What a thread says of its job. */
export type Message<O> =
  | Progress
  | { readonly kind: 'done'; readonly outcome: O }
  | { readonly kind: 'mistake'; readonly text: string };

/** Makes this thread do the jobs that it is sent, one after another: the next one comes when the last is done. */
export function doJobs<T, J, O>(
  work: (job: J, task: T, tell: (progress: Progress) => void) => Promise<O>,
): void {
  const { task } = workerData as { readonly task: T };
  const tell = (message: Message<O>): void => parentPort!.postMessage(message);
  const run = async (job: J): Promise<void> => {
    try {
      tell({ kind: 'done', outcome: await work(job, task, tell) });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      tell({ kind: 'mistake', text: error.message });
    }
  };
  parentPort!.on('message', (job: J) => void run(job));
}
