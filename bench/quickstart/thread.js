// A thread begins without tsx; this lets it load worker.ts.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
