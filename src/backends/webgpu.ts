import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { sourceOf } from './borderShaders.js';
import type { GpuBackend } from './gpu.js';
import { float, readersOf, sizesOf } from './gpuShader.js';
import type { GpuShader } from './gpuShader.js';
import { inWgsl } from './shaderWords.js';

/** A compute shader, one invocation for each element of its output. */
interface WebgpuProgram {
  readonly variableNames: string[];
  readonly variableComponents: number[];
  readonly outputShape: number[];
  readonly outputComponent: number;
  readonly uniforms: string;
  /** Gives the shader `uniforms.size`. */
  readonly size: true;
  readonly workgroupSize: [number, number, number];
  readonly dispatchLayout: { readonly x: number[] };
  readonly dispatch: [number, number, number];
  /** The backend makes the key of its cache out of it, in place. */
  shaderKey: string;
  getUserCode(): string;
}

/** What is used of tfjs's webgpu backend, all of it public there. */
interface WebgpuBackend {
  runWebGPUProgram(
    program: WebgpuProgram,
    inputs: TensorInfo[],
    outputDtype: DataType,
    uniformValues: { readonly type: `${'int' | 'float'}32`; readonly data: number[] }[],
  ): TensorInfo;
  disposeData(dataId: TensorInfo['dataId']): boolean;
}

/** tfjs's webgpu backend. */
export const webgpu: GpuBackend = {
  backendName: 'webgpu',
  run: (backend, shader, inputs) => {
    const values = Object.values(shader.uniforms).map(({ type, value }) => ({
      type: `${type}32` as const,
      data: [value],
    }));
    return (backend as WebgpuBackend).runWebGPUProgram(programOf(shader), inputs, 'float32', values);
  },
  dispose: (backend, { dataId }) => {
    (backend as WebgpuBackend).disposeData(dataId);
  },
  pixelAt: (geometry, padding, unit) => ({
    inputs: geometry.halved ? { pairs: 'vec2' } : { yTrue: 'NHWC', yPred: 'NHWC' },
    uniforms: { ...sizesOf(geometry), scale: float(1 / unit) },
    functions: `${sourceOf(padding)}
    vec2 pixelAt(int n, int row, int column, int c) {
      int y = sourceOf(row, height);
      int x = sourceOf(column, width);
      ${padding === 'zero' ? 'if (y < 0 || y >= height || x < 0 || x >= width) { return vec2(0.0, 0.0); }' : ''}
      return ${
        geometry.halved
          ? 'pairsAt(n * height + y, x * channels + c)'
          : 'vec2(yTrueAt(n, y, x, c), yPredAt(n, y, x, c)) * scale'
      };
    }
    vec4 pixelsAt(int n, int row, int column, int c) {
      return vec4(pixelAt(n, row, column, c), pixelAt(n, row + 1, column, c));
    }`,
  }),
  withBits: (bits) => bits,
};

const workgroup = 64;

/** tfjs's readers of inputs give a float32 whatever the buffer holds, and its cast leaves integers there. */
function programOf({ name, inputs, output, outputShape, uniforms, functions }: GpuShader): WebgpuProgram {
  const readers = readersOf(
    inputs,
    (getter, kind) => `${getter}(row, ${numbersOf(kind)} * column)`,
    (read) => read,
  );
  const together = numbersOf(output);
  const [rows, columns] = outputShape as [number, number];
  const code = `${inWgsl(readers + functions, Object.keys(uniforms))}
    fn main(index : i32) {
      if (index >= uniforms.size) { return; }
      let at = getCoordsFromIndex(${together} * index);
      result[index] = valueAt(${together === 1 ? 'at.x, at.y, at.z, at.w' : `at.x, at.y / ${together}`});
    }`;
  return {
    variableNames: Object.keys(inputs),
    variableComponents: Object.values(inputs).map(numbersOf),
    outputShape: together === 1 ? outputShape : [rows, columns * together],
    outputComponent: together,
    uniforms: Object.entries(uniforms)
      .map(([key, { type }]) => `${key} : ${type === 'int' ? 'i32' : 'f32'},`)
      .join(' '),
    size: true,
    workgroupSize: [workgroup, 1, 1],
    dispatchLayout: { x: outputShape.map((_, axis) => axis) },
    // The backend folds what is more than one dimension holds into three.
    dispatch: [Math.ceil(outputShape.reduce((product, length) => product * length, 1) / workgroup), 1, 1],
    // The source itself: it depends on the window and the padding, not on sizes and constants.
    shaderKey: `ssim-ae ${name} ${code}`,
    getUserCode: () => code,
  };
}

const numbersOf = (kind: GpuShader['inputs'][string]): 1 | 2 | 4 =>
  kind === 'vec2' ? 2 : kind === 'vec4' ? 4 : 1;
