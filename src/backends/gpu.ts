import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Padding } from '../filters/paddings.js';
import type { Geometry } from './geometry.js';
import type { GpuShader } from './gpuShader.js';
import type { Passes } from './passes.js';

/** A GPU backend, for kernels whose passes are written once for all. */
export interface GpuBackend<Pass> {
  readonly backendName: string;
  readonly withPasses: (backend: unknown, compute: (passes: Passes<Pass>) => TensorInfo[]) => TensorInfo[];
  readonly pass: (shader: GpuShader) => Pass;
  /** Both images in one, which the other passes then read; without it they read the images themselves. */
  readonly pixels?: (geometry: Geometry, padding: Padding, unit: number) => Pass;
  /** The images halved once more, from what the passes of the finer level read. */
  readonly halved: (fine: Geometry, geometry: Geometry, padding: Padding, unit: number) => Pass;
  /**
   * `vec2 pixelAt(int n, int row, int column, int c)`: (x, y) divided by the unit, or of halved images (x + y, x − y), of a pixel that
   * may lie beyond the border.
   */
  readonly pixelAt: (
    geometry: Geometry,
    padding: Padding,
    unit: number,
  ) => Pick<GpuShader, 'inputs' | 'uniforms' | 'functions'>;
  /** `bool isNegative(float v)` and `bool isAboveTwo(float v)` */
  readonly bitTests: () => string;
  /** `bool isFinite(float v)` */
  readonly finiteTest: () => string;
  /** [batch, …] of numbers → [batch, groups] of sums, times `factor`; those of a group lie `groups` apart. */
  readonly sums: (passes: Passes<Pass>, numbers: TensorInfo, groups: number, factor: number) => TensorInfo;
}
