import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Padding } from '../filters/paddings.js';
import type { Geometry } from './geometry.js';
import type { Gpu } from './gpu.js';
import { float } from './gpuShader.js';

/**
 * What the passes read of both images. Divided before anything is squared, neither tiny nor huge pixels leave
 * float32.
 */
export function imagesOf(
  gpu: Gpu,
  { yTrue, yPred }: { readonly yTrue: TensorInfo; readonly yPred: TensorInfo },
  geometry: Geometry,
  { padding, unit }: { readonly padding: Padding; readonly unit: number },
): TensorInfo[] {
  if (gpu.bordered === undefined) return [yTrue, yPred];
  const shader = gpu.bordered(geometry, padding, {
    inputs: { yTrue: 'NHWC', yPred: 'NHWC' },
    uniforms: { scale: float(1 / unit) },
    functions: `
    vec2 imageAt(int n, int i, int t, int c) {
      return vec2(yTrueAt(n, i, t, c), yPredAt(n, i, t, c)) * scale;
    }`,
  });
  return [gpu.run(shader, yTrue, yPred)];
}
