import type { Inspection } from '../../inspection/inspect.js';
import type { ModelName } from '../models.js';
import type { Check } from './check.js';
import { ownMap } from './maps.js';
import type { MapName } from './maps.js';

/** A reason not to believe the figures of a model, and what to change. */
export interface Doubt {
  readonly what: 'not trained' | 'still learning' | 'other images';
  readonly text: string;
}

/** A model that reproduces less of good images it has not seen than this has not learnt them. */
const leastLearnt = 0.25;
/** A loss that fell by more than this share over the last third of the training would fall further. */
const stillFalling = 0.2;
/** A test image differs all over if its median residual is this many times the highest of good images. */
const unlike = 1.5;

const percent = (share: number): string => `${Math.round(100 * share)} %`;

export interface Evidence {
  /** Of every step. */
  readonly losses: readonly number[];
  readonly check: Check;
  /** Good images that were not trained on. */
  readonly good: readonly Inspection<MapName>[];
  readonly test: readonly Inspection<MapName>[];
}

/** What good images alone tell of a model, no mask needed. */
export function doubtsAbout(model: ModelName, { losses, check, good, test }: Evidence): Doubt[] {
  const doubts: Doubt[] = [];
  const [learnt, measure] =
    model === 'SSIM' ? [check.structure, 'structure (SSIM)'] : [check.variance, 'variance'];
  if (learnt < leastLearnt) {
    doubts.push({
      what: 'not trained',
      text:
        `It reproduces ${percent(Math.max(0, learnt))} of the ${measure} of good images that it has not seen, where the mean grey ` +
        `reproduces 0 % and a perfect copy 100 %: it has not learnt this texture. Try more --steps first, then a smaller ` +
        `--size, then more --latent. If nothing helps, the texture has no pattern for a code to hold, as asphalt or grass: ` +
        `its residual maps then show contrast, not what is unusual.`,
    });
  }
  const third = Math.floor(losses.length / 3);
  const mean = (from: number, to: number): number =>
    losses.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
  if (third >= 10) {
    const width = Math.ceil(third / 4);
    const [before, after] = [
      mean(losses.length - third - width, losses.length - third),
      mean(losses.length - width, losses.length),
    ];
    if (before > 0 && after < (1 - stillFalling) * before) {
      doubts.push({
        what: 'still learning',
        text: `Its loss fell by ${percent(1 - after / before)} over the last third of the steps: more --steps would bring more.`,
      });
    }
  }
  const medians = (inspections: readonly Inspection<MapName>[]): number[] =>
    inspections.map(({ maps }) => median(maps[ownMap[model]]));
  const usual = medians(good).reduce((most, value) => Math.max(most, value), -Infinity);
  const differing = medians(test).filter((value) => value > unlike * usual).length;
  if (usual > 0 && differing > 0) {
    doubts.push({
      what: 'other images',
      text:
        `${differing} of ${test.length} test images differ from all good ones over more than half of their area: larger ` +
        `defects than that, or another scale, direction or light. If the latter, train on such images too, or vary the ` +
        `patches so (--stretch-rows, --stretch-columns, --contrast); until then their maps say where the image differs, not the defect.`,
    });
  }
  return doubts;
}

function median(values: Float32Array): number {
  const sorted = values.slice().sort();
  return sorted[sorted.length >> 1]!;
}
