import { windowOf } from '../../filters/window.js';
import { AssemblyEngine } from '../../ssim/kernels/assemblyEngine.js';
import type { SsimAttrs } from '../../ssim/kernels/contract.js';
import { hasRoomFor } from '../../ssim/kernels/windowPasses.js';
import { readAll } from '../pixelRows.js';
import type { PixelRows } from '../pixelRows.js';
import type { SsimRequest } from '../ssimOptions.js';

/** The kernel of value and gradient that tensors have too, once it is made; null where there is none. */
let engine: AssemblyEngine | null | undefined;

/** Below it, in images divided by their unit, rounding shows where windows are flat. */
const leastC2 = 1e-7;

interface EngineCall {
  readonly engine: AssemblyEngine;
  readonly images: Parameters<AssemblyEngine['value']>[0];
  readonly attrs: Omit<SsimAttrs, 'form'>;
}

/** What calls it for a request; undefined where there is no such kernel, or it does not support the request. */
export function engineCall({ x, y, options }: SsimRequest): EngineCall | undefined {
  const { alpha, beta, gamma, unit, c1, c2, varianceScale, padding } = options;
  if (!(alpha === 0 || alpha === 1) || beta !== 1 || gamma !== 1 || c2 < leastC2) return undefined;
  const [rows, columns] = windowOf(options) as [Float64Array, Float64Array];
  const attrs = {
    taps: [rows, columns],
    unit,
    luminance: alpha > 0,
    c1,
    c2,
    varianceScale,
    padding,
  } as const;
  const shape = [1, x.height, x.width, x.channels] as const;
  if (!hasRoomFor(shape, attrs)) return undefined;
  if (engine === undefined) {
    try {
      engine = new AssemblyEngine();
    } catch {
      engine = null;
    }
  }
  if (engine === null) return undefined;
  const all = (of: PixelRows): Float32Array =>
    readAll(of, new Float32Array(of.width * of.height * of.channels));
  return { engine, images: { shape, x: all(x), y: all(y) }, attrs };
}
