import asc from 'assemblyscript/asc';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine, machineOf } from '../running/machine.js';
import type { Arguments } from './arguments.js';
import { measure, medianOf } from './measure.js';
import { modes } from './rows/row.js';
import { ownRows } from './rows/rows.js';
import { formatShape, pixelsOf } from './rows/shapes.js';
import { workloadOf } from './rows/workload.js';
import { quantile } from './statistics.js';
import { formatTime } from './tables.js';

/**
 * What one core can do under WebAssembly: additions and multiplications of two float64 at a time, as many
 * independent ones as registers hold, and 16-byte loads from more memory than any cache has.
 */
const source = `
export function arithmetic(rounds: i32): f64 {
  const factor = f64x2.splat(0.999999999), term = f64x2.splat(1e-9);
  let a = f64x2.splat(1), b = f64x2.splat(2), c = f64x2.splat(3), d = f64x2.splat(4), e = f64x2.splat(5), f = f64x2.splat(6);
  let p = f64x2.splat(1), q = f64x2.splat(2), r = f64x2.splat(3), s = f64x2.splat(4), t = f64x2.splat(5), u = f64x2.splat(6);
  for (let k = 0; k < rounds; k++) {
    a = f64x2.mul(a, factor); p = f64x2.add(p, term); b = f64x2.mul(b, factor); q = f64x2.add(q, term);
    c = f64x2.mul(c, factor); r = f64x2.add(r, term); d = f64x2.mul(d, factor); s = f64x2.add(s, term);
    e = f64x2.mul(e, factor); t = f64x2.add(t, term); f = f64x2.mul(f, factor); u = f64x2.add(u, term);
  }
  const sum = f64x2.add(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)), f64x2.add(f64x2.add(e, f), f64x2.add(p, q)));
  return f64x2.extract_lane(f64x2.add(sum, f64x2.add(f64x2.add(r, s), f64x2.add(t, u))), 0);
}
export function reading(bytes: i32): f64 {
  let a = f64x2.splat(0), b = a, c = a, d = a;
  for (let at: usize = 65536; at < 65536 + <usize>bytes; at += 64) {
    a = v128.or(a, v128.load(at)); b = v128.or(b, v128.load(at, 16));
    c = v128.or(c, v128.load(at, 32)); d = v128.or(d, v128.load(at, 48));
  }
  return f64x2.extract_lane(v128.or(v128.or(a, b), v128.or(c, d)), 0);
}
`;
const bytesRead = 256 * 2 ** 20;
const rounds = 4_000_000;
const flopsOfRound = 24;

/**
 * Additions, multiplications, divisions and comparisons for one number of the map, counted in
 * src/ssim/kernels/assembly/ssim.ts, for a window of 2 h + 1 taps each way.
 */
export function operationsOf(half: number): Record<'value' | 'gradient', number> {
  const combine = 4;
  const vertical = 16 * half + 8;
  const horizontal = 12 * half + 14;
  const adjoint = 2 * (9 * half + 6) + 5;
  return {
    value: combine + vertical + horizontal + 16,
    gradient: combine + vertical + horizontal + 38 + adjoint,
  };
}

interface Limit {
  readonly gigaflops: number;
  readonly gigabytes: number;
}

async function machineLimit(): Promise<Limit> {
  const { binary, error } = await asc.compileString(source, {
    optimizeLevel: 3,
    runtime: 'stub',
    noAssert: true,
    enable: ['simd'],
    initialMemory: bytesRead / 65536 + 2,
  });
  if (error || binary === null) throw error ?? new Error('the module does not compile');
  const { instance } = await WebAssembly.instantiate(binary as BufferSource);
  const exports = instance.exports as unknown as Record<
    'arithmetic' | 'reading',
    (amount: number) => number
  > & { memory: WebAssembly.Memory };
  new Uint8Array(exports.memory.buffer).fill(1); // so that its pages are there
  const best = (f: (amount: number) => number, amount: number): number => {
    const seconds = Array.from({ length: 25 }, () => {
      const start = performance.now();
      f(amount);
      return (performance.now() - start) / 1000;
    });
    return quantile(seconds.slice(5), 0.1);
  };
  return {
    gigaflops: (flopsOfRound * rounds) / best(exports.arithmetic, rounds) / 1e9,
    gigabytes: bytesRead / best(exports.reading, bytesRead) / 1e9,
  };
}

/** How near the kernel comes to what the core can do. */
export async function measureLimit(settings: Arguments): Promise<void> {
  const machine = machineOf();
  console.log(describeMachine(machine));
  const limit = await machineLimit();
  console.log(
    `One core under WebAssembly: ${limit.gigaflops.toFixed(1)} GFLOP/s in float64, ` +
      `${limit.gigabytes.toFixed(1)} GB/s read from memory.`,
  );
  const raw = ownRows.filter(({ id }) => id === 'raw');
  const operations = operationsOf(5);
  const results = [];
  for (const shape of settings.shapes) {
    const [row] = await measure(raw, workloadOf(shape), settings.plan, new Map());
    for (const mode of modes) {
      const median = medianOf(row?.[mode]);
      if (median === undefined) continue;
      const nanoseconds = (1e6 * median) / pixelsOf(shape);
      const arithmetic = operations[mode] / limit.gigaflops;
      // Both images in, and the gradient out.
      const memory = (mode === 'value' ? 8 : 12) / limit.gigabytes;
      results.push({ shape, mode, nanoseconds, operations: operations[mode], arithmetic, memory });
      console.log(
        `${formatShape(shape)} ${mode}: ${formatTime(nanoseconds)} ns a number; ` +
          `${operations[mode]} operations take ${formatTime(arithmetic)} ns at the peak ` +
          `(${((100 * arithmetic) / nanoseconds).toFixed(0)} %), its memory ${formatTime(memory)} ns ` +
          `(${((100 * memory) / nanoseconds).toFixed(0)} %)`,
      );
    }
  }
  writeFileSync(
    join(settings.out, 'limit.json'),
    `${JSON.stringify({ machine, limit, results }, undefined, 1)}\n`,
  );
}
