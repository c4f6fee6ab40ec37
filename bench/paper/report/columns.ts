import { highestOf } from '../../inspection/figureTable.js';
import type { Figures } from '../../inspection/figures.js';
import { mapNames } from '../judge/maps.js';
import type { MapName } from '../judge/maps.js';
import type { Outcome } from './outcome.js';
import type { Report } from './report.js';

/** Of test images: all of them, or without tiny defects. */
export type Subset = 'all' | 'large';

/** What every table says of a map, in this order. */
export const measures: readonly {
  readonly title: string;
  readonly of: (figures: Figures) => number | null;
}[] = [
  { title: 'pixels', of: ({ pixels }) => pixels },
  { title: 'within', of: ({ within }) => within },
  { title: 'AU-PRO', of: ({ auPro }) => auPro },
  { title: 'images', of: ({ images }) => images },
  { title: 'images, top 1 %', of: ({ imagesTop }) => imagesTop },
];

/** One column of the table of models and maps. */
export interface Column {
  readonly title: string;
  readonly value: (outcome: Outcome, map: MapName) => number | null;
  /** The highest of the column. */
  readonly best: number | null;
}

export function columnsOf({ models }: Report, subset: Subset): Column[] {
  const kinds = [...new Set(models.flatMap(({ maps }) => Object.keys(maps.SSIM[subset]?.kinds ?? {})))];
  const column = (title: string, of: (figures: Figures) => number | null): Column => {
    const value = (outcome: Outcome, map: MapName): number | null => {
      const figures = outcome.maps[map][subset];
      return figures === null ? null : of(figures);
    };
    const all = models.flatMap((outcome) => mapNames.map((map) => value(outcome, map)));
    return { title, value, best: highestOf(all) };
  };
  return [
    ...measures.map(({ title, of }) => column(title, of)),
    ...kinds.map((kind) => column(kind.replaceAll('_', ' '), ({ kinds: figures }) => figures[kind] ?? null)),
  ];
}
