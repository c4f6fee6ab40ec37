// Trains and judges one model after another on a thread of its own: two threads keep two cores busy.
import type { Dataset } from '../pictures/dataset.js';
import { doJobs } from '../running/jobs.js';
import type { Job } from './job.js';
import { runJob } from './runJob.js';
import { openLearner } from './train/openLearner.js';

doJobs((job: Job, { dataset }: { readonly dataset: Dataset }, tell) =>
  runJob(job, dataset, (options) => openLearner(job.settings.backend, options), tell),
);
