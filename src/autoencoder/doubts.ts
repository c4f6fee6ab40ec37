import type { Reproduction } from './reproduction.js';

/** A reason not to trust a model or a verdict, and what to do about it. */
export interface Doubt {
  /** What is the matter. */
  readonly what: 'not trained' | 'still learning' | 'other images';
  /** A sentence or two for people, with a way out. */
  readonly text: string;
}

/** A model that reproduces less of good images it has not seen than this has not learnt them. */
const leastLearnt = 0.25;
/** A loss that fell by more than this share over the last third of the training would fall further. */
const stillFalling = 0.2;

const percent = (share: number): string => `${Math.round(100 * Math.max(0, share))} %`;

/** What the losses, and good images that were held back, tell of a model; `spoilt`: it was to repair them. */
export function doubtsAboutTraining(
  losses: readonly number[],
  { structure, variance, repaired }: Reproduction,
  spoilt: boolean,
): Doubt[] {
  const doubts: Doubt[] = [];
  const learnt = Math.max(structure, variance);
  if (learnt < leastLearnt) {
    doubts.push({
      what: 'not trained',
      text:
        `The model reproduces ${percent(learnt)} of good images that it has not seen, where the mean grey reproduces 0 % and a ` +
        `perfect copy 100 %: it has not learnt them. Try more steps first, then a smaller size. If nothing helps, the images have ` +
        `no pattern that this architecture can hold.`,
    });
  } else if (spoilt && repaired < leastLearnt) {
    doubts.push({
      what: 'not trained',
      text:
        `The model repairs ${percent(repaired)} of what was spoilt in good images that it has not seen: it mostly copies them, ` +
        `defects included. Try more steps.`,
    });
  }
  const third = Math.floor(losses.length / 3);
  const mean = (from: number, to: number): number =>
    losses.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
  if (third >= 10) {
    const width = Math.ceil(third / 4);
    const before = mean(losses.length - third - width, losses.length - third);
    const after = mean(losses.length - width, losses.length);
    if (before > 0 && after < (1 - stillFalling) * before) {
      doubts.push({
        what: 'still learning',
        text: `The loss fell by ${percent(1 - after / before)} over the last third of the steps: more steps would bring more.`,
      });
    }
  }
  return doubts;
}

/** A test image differs all over if its median residual is this many times the highest of good images. */
const unlike = 1.5;

/** What the map of one image says, beside good ones. */
export function doubtsAboutImage(median: number, highestOfGood: number): Doubt[] {
  if (!(highestOfGood > 0 && median > unlike * highestOfGood)) return [];
  return [
    {
      what: 'other images',
      text:
        `The image differs from all good ones over more than half of its area: a larger defect than that, or another scale, ` +
        `direction or light. If the latter, train on such images too, or vary the patches so.`,
    },
  ];
}
