// A thread begins without tsx; this lets it load the TypeScript file that it is told.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.script);
