import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { sourceOf } from './borderShaders.js';
import type { GpuBackend } from './gpu.js';
import { int, isVectors, readersOf, sizesOf } from './gpuShader.js';
import type { GpuShader } from './gpuShader.js';

/** A fragment shader, and the texture it writes. */
interface WebglProgram {
  readonly variableNames: string[];
  readonly outputShape: number[];
  readonly userCode: string;
  readonly packedInputs: boolean;
  readonly packedOutput: boolean;
  /** Shapes are uniforms too, so one compiled shader serves every image size. */
  readonly enableShapeUniforms: true;
  readonly customUniforms: { name: string; type: 'int' | 'float' }[];
}

/** What is used of tfjs's webgl backend, all of it public there. */
interface WebglBackend {
  compileAndRun(
    program: WebglProgram,
    inputs: TensorInfo[],
    outputDtype: DataType,
    customUniformValues: number[][],
    preventEagerUnpackingOfOutput: boolean,
  ): TensorInfo;
  disposeIntermediateTensorInfo(tensorInfo: TensorInfo): void;
}

/**
 * tfjs's webgl backend.
 *
 * No texture can have more texels than the square of the largest texture side, so neither can images with their border or the
 * moments of every window: tfjs throws beyond.
 */
export const webgl: GpuBackend = {
  backendName: 'webgl',
  run: (backend, shader, inputs) => {
    const values = Object.values(shader.uniforms).map(({ value }) => [value]);
    return (backend as WebglBackend).compileAndRun(programOf(shader), inputs, 'float32', values, true);
  },
  dispose: (backend, texture) => {
    (backend as WebglBackend).disposeIntermediateTensorInfo(texture);
  },
  // A texel has the pixel of its place and the one below: half the reads.
  bordered: (
    { batch, height, width, channels, paddedHeight, paddedWidth, top, left },
    padding,
    { inputs, uniforms, functions },
  ) => ({
    name: 'bordered',
    inputs,
    output: 'vec4',
    outputShape: [batch * paddedHeight, paddedWidth * channels],
    uniforms: {
      ...uniforms,
      channels: int(channels),
      imageHeight: int(height),
      imageWidth: int(width),
      lines: int(paddedHeight),
      above: int(top),
      before: int(left),
    },
    functions: `${functions}${sourceOf(padding)}
    vec2 borderedAt(int n, int line, int t, int c) {
      int i = sourceOf(line - above, imageHeight);
      ${padding === 'zero' ? 'if (i < 0 || i >= imageHeight || t < 0 || t >= imageWidth) { return vec2(0.0); }' : ''}
      return imageAt(n, i, t, c);
    }
    vec4 valueAt(int row, int column) {
      int n = row / lines;
      int line = row - n * lines;
      int j = column / channels;
      int c = column - j * channels;
      int t = sourceOf(j - before, imageWidth);
      return vec4(borderedAt(n, line, t, c), borderedAt(n, line + 1 < lines ? line + 1 : line, t, c));
    }`,
  }),
  pixelAt: (geometry) => ({
    inputs: { both: 'vec4' },
    uniforms: sizesOf(geometry),
    functions: `
    vec4 pixelsAt(int n, int row, int column, int c) {
      return bothAt(n * paddedHeight + row + top, (column + left) * channels + c);
    }
    vec2 pixelAt(int n, int row, int column, int c) {
      return pixelsAt(n, row, column, c).xy;
    }`,
  }),
  // WebGL 1 cannot see bits: there a compiler may drop a NaN.
  withBits: (bits, compared) => `
#if __VERSION__ >= 300${bits}
#else${compared}
#endif`,
};

/** A texel of a packed [2 · rows, 2 · columns] tensor has the numbers of a vector. */
function programOf({ inputs, output, outputShape, uniforms, functions }: GpuShader): WebglProgram {
  const packed = Object.values(inputs).some(isVectors);
  const readers = readersOf(
    inputs,
    (getter, kind) => `${getter}(2 * row, 2 * column)${kind === 'vec2' ? '.xy' : ''}`,
    (read, places) => {
      const [before, last] = places.slice(-2);
      return packed
        ? `getChannel(${read}, ${last === undefined ? before! : `vec2(${before!}, ${last})`})`
        : read;
    },
  );
  const main =
    output === 'NHWC'
      ? `ivec4 at = getOutputCoords();
      setOutput(valueAt(at.x, at.y, at.z, at.w));`
      : `ivec2 at = getOutputCoords() / 2;
      setOutput(vec4(valueAt(at.x, at.y)${output === 'vec2' ? ', 0., 0.' : ''}));`;
  return {
    variableNames: Object.keys(inputs),
    outputShape: output === 'NHWC' ? outputShape : outputShape.map((length) => 2 * length),
    userCode: `${readers}${functions}
    void main() {
      ${main}
    }`,
    packedInputs: packed,
    packedOutput: output !== 'NHWC',
    enableShapeUniforms: true,
    customUniforms: Object.entries(uniforms).map(([name, { type }]) => ({ name, type })),
  };
}
