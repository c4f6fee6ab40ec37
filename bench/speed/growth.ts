import { measure } from './measure.js';
import type { Experience, Plan, RowResult } from './measure.js';
import type { Row } from './rows/row.js';
import type { Shape } from './rows/shapes.js';
import { release } from './rows/tfjsRows.js';
import { workloadOf } from './rows/workload.js';
import type { Workload } from './rows/workload.js';

/** One step of a series: how the cost grows with the window or with the channels. */
export interface GrowthStep {
  readonly of: 'window' | 'uniform window' | 'channels';
  readonly size: number;
  readonly shape: Shape;
  readonly rows: readonly RowResult[];
}

const windows = [3, 7, 11, 15, 21, 27, 33];
const channels = [1, 2, 3, 4, 5, 6, 8];

/** The fused rows with other windows, Gaussian and uniform, and more channels. */
export async function measureGrowth(
  rows: readonly Row[],
  plan: Plan,
  side: number,
  progress: (text: string) => void,
): Promise<GrowthStep[]> {
  const fused = rows.filter(({ id }) => id.startsWith('fused-'));
  const steps: { of: GrowthStep['of']; size: number; shape: Shape; window: number }[] = [
    ...(['window', 'uniform window'] as const).flatMap((of) =>
      windows.map((size) => ({ of, size, shape: [1, side, side, 1] as const, window: size })),
    ),
    ...channels.map((size) => ({
      of: 'channels' as const,
      size,
      shape: [1, side, side, size] as const,
      window: 11,
    })),
  ];
  const results: GrowthStep[] = [];
  for (const { of, size, shape, window } of steps) {
    const windowType = of === 'uniform window' ? 'uniform' : 'gaussian';
    const workload: Workload = { ...workloadOf(shape, window), windowType };
    const experience: Experience = new Map();
    const rowsHere = await measure(fused, workload, plan, experience, (text) =>
      progress(`${of} ${size}: ${text}`),
    );
    release(workload);
    results.push({ of, size, shape, rows: rowsHere });
  }
  return results;
}
