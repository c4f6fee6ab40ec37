import type { GpuBackend } from './gpu.js';
import { coordinatesOf, getterOf, int, isVectors } from './gpuShader.js';
import type { GpuShader } from './gpuShader.js';
import { withWebglPasses } from './webgl.js';
import type { Pass, WebglBackend } from './webgl.js';
import { halvedPixelsPass, pixelsPass } from './webglPixels.js';
import { finiteTest, pass, tests } from './webglShader.js';
import { segmentLength, totals } from './webglSums.js';

/** tfjs's webgl backend. */
export function webglGpu(): GpuBackend<Pass> {
  return {
    backendName: 'webgl',
    withPasses: (backend, compute) => withWebglPasses(backend as WebglBackend, compute),
    pass: webglPass,
    pixels: pixelsPass,
    halved: halvedPixelsPass,
    pixelAt: ({ channels, paddedHeight, top, left }) => ({
      inputs: { pixels: 'vec4' },
      uniforms: {
        channels: int(channels),
        paddedHeight: int(paddedHeight),
        top: int(top),
        left: int(left),
      },
      functions: `
    vec2 pixelAt(int n, int row, int column, int c) {
      return pixelsAt(n * paddedHeight + row + top, (column + left) * channels + c).xy;
    }`,
    }),
    bitTests: tests,
    finiteTest,
    sums: (passes, numbers, groups, factor) => {
      const [batch, ...rest] = numbers.shape as [number, ...number[]];
      const count = rest.reduce((product, length) => product * length, 1) / groups;
      return totals(passes, numbers, batch, count, groups, factor / segmentLength, false);
    },
  };
}

/** A texel of a packed [2 · rows, 2 · columns] tensor has the numbers of a vector. */
function webglPass({ inputs, output, outputShape, uniforms, functions }: GpuShader): Pass {
  const packed = Object.values(inputs).some(isVectors);
  const readers = Object.entries(inputs).map(([name, input]) => {
    const places = coordinatesOf(input);
    const [type, value] = isVectors(input)
      ? [input, `${getterOf(name)}(2 * row, 2 * column)${input === 'vec2' ? '.xy' : ''}`]
      : ['float', `${getterOf(name)}(${places.join(', ')})`];
    const [before, last] = places.slice(-2);
    const channel = last === undefined ? before! : `vec2(${before!}, ${last})`;
    return `
    ${type} ${name}At(${places.map((place) => `int ${place}`).join(', ')}) {
      return ${packed && !isVectors(input) ? `getChannel(${value}, ${channel})` : value};
    }`;
  });
  const main =
    output === 'NHWC'
      ? `ivec4 at = getOutputCoords();
      setOutput(valueAt(at.x, at.y, at.z, at.w));`
      : `ivec2 at = getOutputCoords() / 2;
      setOutput(vec4(valueAt(at.x, at.y)${output === 'vec2' ? ', 0., 0.' : ''}));`;
  return pass({
    inputs: Object.keys(inputs),
    outputShape: output === 'NHWC' ? outputShape : outputShape.map((length) => 2 * length),
    packed: { inputs: packed, output: output !== 'NHWC' },
    uniforms,
    code: `${readers.join('')}${functions}
    void main() {
      ${main}
    }`,
  });
}
