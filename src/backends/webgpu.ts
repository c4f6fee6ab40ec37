import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { withPasses } from './passes.js';
import type { Passes } from './passes.js';

/** A compute shader, one invocation for each element of its output. */
export interface WebgpuProgram {
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

export interface UniformValue {
  readonly type: 'int32' | 'float32';
  readonly data: number[];
}

/** What is used of tfjs's webgpu backend, all of it public there. */
export interface WebgpuBackend {
  runWebGPUProgram(
    program: WebgpuProgram,
    inputs: TensorInfo[],
    outputDtype: DataType,
    uniformValues: UniformValue[],
  ): TensorInfo;
  makeTensorInfo(shape: number[], dtype: DataType, values: Float32Array): TensorInfo;
  disposeData(dataId: TensorInfo['dataId']): boolean;
}

/** A program with the values of its uniforms. */
export interface Pass {
  readonly program: WebgpuProgram;
  readonly uniformValues: UniformValue[];
}

export function withWebgpuPasses(
  backend: WebgpuBackend,
  compute: (passes: Passes<Pass>) => TensorInfo[],
): TensorInfo[] {
  return withPasses<Pass>(
    {
      run: ({ program, uniformValues }, inputs) =>
        backend.runWebGPUProgram(program, inputs, 'float32', uniformValues),
      constant: (values) => backend.makeTensorInfo([values.length], 'float32', values),
      dispose: ({ dataId }) => backend.disposeData(dataId),
    },
    compute,
  );
}
