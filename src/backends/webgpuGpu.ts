import { bitTests, finiteTest } from './bitTests.js';
import { sourceOf } from './borderShaders.js';
import type { GpuBackend } from './gpu.js';
import { coordinatesOf, float, getterOf, int, isVectors } from './gpuShader.js';
import type { GpuShader } from './gpuShader.js';
import { withWebgpuPasses } from './webgpu.js';
import type { Pass, WebgpuBackend } from './webgpu.js';
import { halvedPairsPass } from './webgpuPixels.js';
import { float as f32, int as i32, pass } from './webgpuShader.js';
import { numbersAlone, totals } from './webgpuSums.js';

/** tfjs's webgpu backend. */
export function webgpuGpu(): GpuBackend<Pass> {
  return {
    backendName: 'webgpu',
    withPasses: (backend, compute) => withWebgpuPasses(backend as WebgpuBackend, compute),
    pass: webgpuPass,
    halved: (fine, geometry, _, unit) => halvedPairsPass(fine, geometry, unit),
    pixelAt: ({ height, width, channels, halved }, padding, unit) => ({
      inputs: halved ? { pairs: 'vec2' } : { yTrue: 'NHWC', yPred: 'NHWC' },
      uniforms: {
        imageHeight: int(height),
        imageWidth: int(width),
        ...(halved ? { channels: int(channels) } : { scale: float(1 / unit) }),
      },
      functions: `${sourceOf(padding)}
    vec2 pixelAt(int n, int row, int column, int c) {
      int y = sourceOf(row, imageHeight);
      int x = sourceOf(column, imageWidth);
      ${padding === 'zero' ? 'if (y < 0 || y >= imageHeight || x < 0 || x >= imageWidth) { return vec2(0.0, 0.0); }' : ''}
      return ${
        halved
          ? 'pairsAt(n * imageHeight + y, x * channels + c)'
          : 'vec2(yTrueAt(n, y, x, c), yPredAt(n, y, x, c)) * scale'
      };
    }`,
    }),
    bitTests,
    finiteTest,
    sums: (passes, numbers, groups, factor) => {
      const [batch, ...rest] = numbers.shape as [number, ...number[]];
      const count = rest.reduce((product, length) => product * length, 1) / groups;
      return totals(passes, numbersAlone({ batch, groups, count }), [numbers], factor);
    },
  };
}

/** tfjs's readers of inputs give a float32 whatever the buffer holds, and its cast leaves integers there. */
function webgpuPass({ name, inputs, output, outputShape, uniforms, functions }: GpuShader): Pass {
  const readers = Object.entries(inputs).map(([input, kind]) => {
    const places = coordinatesOf(kind);
    const scaled = places.map((place) => (place === 'column' ? `${numbersOf(kind)} * column` : place));
    return `
    ${isVectors(kind) ? kind : 'float'} ${input}At(${places.map((place) => `int ${place}`).join(', ')}) {
      return ${getterOf(input)}(${scaled.join(', ')});
    }`;
  });
  const together = numbersOf(output);
  const [rows, columns] = outputShape as [number, number];
  return pass({
    name,
    inputs: Object.fromEntries(Object.entries(inputs).map(([input, kind]) => [input, numbersOf(kind)])),
    output: together,
    outputShape: together === 1 ? outputShape : [rows, columns * together],
    uniforms: Object.fromEntries(
      Object.entries(uniforms).map(([key, { type, value }]) => [key, (type === 'int' ? i32 : f32)(value)]),
    ),
    formulas: readers.join('') + functions,
    main: `
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      let at = getCoordsFromIndex(${together} * index);
      result[index] = valueAt(${together === 1 ? 'at.x, at.y, at.z, at.w' : `at.x, at.y / ${together}`});
    }`,
  });
}

const numbersOf = (kind: GpuShader['inputs'][string]): 1 | 2 | 4 =>
  kind === 'vec2' ? 2 : kind === 'vec4' ? 4 : 1;
