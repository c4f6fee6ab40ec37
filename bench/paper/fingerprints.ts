import { createHash } from 'node:crypto';
import { version } from '../../package.json';
import type { FeatureSource } from '../features/features.js';
import type { Dataset, Picture } from '../pictures/dataset.js';
import type { Job } from './job.js';
import { without } from './without.js';

/** Counted up when this code draws other weights from the same settings, or leaves more behind. */
const edition = 3;

/** Of all that decides about a training, and about what is said of it then: the version of this code too. */
export function fingerprintsOf(
  job: Job,
  { train, test }: Dataset,
): { readonly training: string; readonly judgement: string } {
  const training = trainingOf(job, train);
  return { training, judgement: judgementOf(job, training, test) };
}

/** What other models are made of is nothing to this one. */
function trainingOf({ model, settings, features }: Job, pictures: readonly Picture[]): string {
  const others = [
    ...(model === 'FM' ? [] : ['lambda' as const]),
    ...(model === 'VAE' ? [] : ['beta' as const]),
  ];
  return digest([
    JSON.stringify([version, edition, model, without(settings, 'stride', 'samples', ...others)]),
    ...(model === 'FM' ? textsOf(features) : []),
    ...pictures.flatMap(bytesOf),
  ]);
}

function judgementOf(
  { settings, features, shown, leastDefect }: Job,
  training: string,
  pictures: readonly Picture[],
): string {
  return digest([
    JSON.stringify([training, shown, leastDefect, settings.stride, settings.samples]),
    ...textsOf(features),
    ...pictures.flatMap(bytesOf),
  ]);
}

const textsOf = (features: FeatureSource): (string | Uint8Array)[] =>
  features.kind === 'network'
    ? [JSON.stringify(without(features, 'weights')), features.weights]
    : [features.kind];

const bytesOf = ({ data, height, width, channels }: Picture): (string | Uint8Array)[] => [
  `${height}×${width}×${channels}`,
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
];

function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
