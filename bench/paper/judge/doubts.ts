import { doubtsAboutImage, doubtsAboutTraining } from '../../../src/autoencoder/doubts.js';
import type { Doubt } from '../../../src/autoencoder/doubts.js';
import { medianOf } from '../../../src/autoencoder/median.js';
import type { Reproduction } from '../../../src/autoencoder/reproduction.js';
import type { Inspection } from '../../inspection/inspect.js';
import type { ModelName } from '../models.js';
import { ownMap } from './maps.js';
import type { MapName } from './maps.js';

export interface Evidence {
  /** Of every step. */
  readonly losses: readonly number[];
  readonly check: Reproduction;
  /** Good images that were not trained on. */
  readonly good: readonly Inspection<MapName>[];
  readonly test: readonly Inspection<MapName>[];
}

/** What good images alone tell of a model, no mask needed: as the library says it, but by the measure of the model's own loss. */
export function doubtsAbout(model: ModelName, { losses, check, good, test }: Evidence): Doubt[] {
  const learnt = model === 'SSIM' ? check.structure : check.variance;
  const doubts = doubtsAboutTraining(losses, { ...check, structure: learnt, variance: learnt }, false);
  const medians = (inspections: readonly Inspection<MapName>[]): number[] =>
    inspections.map(({ maps }) => medianOf(maps[ownMap[model]]));
  const highest = Math.max(...medians(good));
  const differing = medians(test).filter((median) => doubtsAboutImage(median, highest).length > 0).length;
  if (differing === 0) return doubts;
  return [
    ...doubts,
    {
      what: 'other images',
      text:
        `${differing} of ${test.length} test images differ from all good ones over more than half of their area: larger ` +
        `defects than that, or another scale, direction or light. If the latter, train on such images too, or vary the ` +
        `patches so (--stretch-rows, --stretch-columns, --contrast); until then their maps say where the image differs, not the defect.`,
    },
  ];
}
