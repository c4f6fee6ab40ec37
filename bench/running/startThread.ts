import { Worker } from 'node:worker_threads';

/** A thread that runs a TypeScript file, given as import.meta.resolve gives it; the task is its `workerData.task`. */
export function startThread(script: string, task: unknown): Worker {
  return new Worker(new URL('./thread.js', import.meta.url), {
    workerData: { script, task },
    // tfjs greets every thread with an advertisement on standard error.
    stderr: true,
  });
}
