import { describe, expect, test } from 'vitest';
import { InputError } from '../../bench/running/inputError.js';
import { chartOf } from '../../bench/speed/chart.js';
import { disagreeing } from '../../bench/speed/measure.js';
import { markdownOf } from '../../bench/speed/report.js';
import type { Report } from '../../bench/speed/report.js';
import { formatShape, parseShapes } from '../../bench/speed/rows/shapes.js';
import { quantile, timingOf } from '../../bench/speed/statistics.js';
import { formatTime } from '../../bench/speed/tables.js';

describe('the speed benchmark', () => {
  test('reads shapes and refuses others', () => {
    expect(parseShapes('8x128x64x3, 1×2×3×4')).toEqual([
      [8, 128, 64, 3],
      [1, 2, 3, 4],
    ]);
    expect(formatShape([8, 128, 64, 3])).toBe('8×128×64×3');
    for (const wrong of ['', '8x128', '1x2x3x4x5', '1x2x0x4', '1x2x1.5x4', 'axbxcxd']) {
      expect(() => parseShapes(wrong)).toThrow(InputError);
    }
  });

  test('gives medians and quartiles', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([7], 0.25)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
    expect(timingOf([5, 1, 2, 3, 4], 2)).toEqual({ median: 3, q1: 2, q3: 4, runs: 5, repeats: 2 });
  });

  test('shows as many figures as a time deserves', () => {
    expect([0.01234, 1.234, 12.34, 123.4, 1234.5].map(formatTime)).toEqual([
      '0.012',
      '1.2',
      '12.3',
      '123',
      '1,235',
    ]);
  });

  test('finds the rows that do not give what most give', () => {
    const rows = [0.51, 0.5, 0.50005].map((number, k) => ({ id: 'abc'[k]!, mode: 'value' as const, number }));
    expect(disagreeing(rows.slice(1))).toEqual([]);
    expect(disagreeing(rows)).toEqual([
      { id: 'a', mode: 'value', reason: 'wrong: gives 0.51, most give 0.50005' },
    ]);
    expect(disagreeing([...rows.slice(1), { ...rows[0]!, number: NaN }]).map(({ id }) => id)).toEqual(['a']);
  });

  test('reports rows that lose and rows that are missing', () => {
    const timing = (median: number) => timingOf([median], 1);
    const report: Report = {
      machine: {
        cpu: 'a < b',
        cores: 1,
        memoryGiB: 1,
        node: 'v1',
        date: '2000-01-01',
        load: 0,
        versions: {},
      },
      plan: { seconds: 1, runs: 1, limit: 1 },
      seconds: 1,
      definitions: ['fused-wasm', 'faster', 'absent'].map((id) => ({
        id,
        label: id,
        note: undefined,
        exact: true,
      })),
      shapes: [
        {
          shape: [1, 8, 8, 1],
          rows: [
            { id: 'fused-wasm', label: 'fused-wasm', value: timing(10), gradient: timing(30) },
            { id: 'faster', label: 'faster', value: timing(5) },
            { id: 'absent', label: 'absent', value: { skipped: 'not installed' } },
          ],
        },
      ],
      growth: [],
    };
    const markdown = markdownOf(report);
    expect(markdown).toContain('| fused-wasm | 10.0 / 30.0 |');
    expect(markdown).toContain('| faster | 0.50× |');
    expect(markdown).toContain('| absent | – (not installed) |');
    const chart = chartOf(report);
    expect(chart.indexOf('>faster<')).toBeLessThan(chart.indexOf('>fused-wasm<'));
    expect(chart).toContain('a &lt; b');
    expect(chart).not.toContain('NaN');
  });
});
