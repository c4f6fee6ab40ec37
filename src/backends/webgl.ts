import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { withPasses } from './passes.js';
import type { Passes } from './passes.js';

/** A fragment shader, and the texture it writes. */
export interface WebglProgram {
  readonly variableNames: string[];
  readonly outputShape: number[];
  readonly userCode: string;
  readonly packedInputs: boolean;
  readonly packedOutput: boolean;
  /** Shapes are uniforms too, so one compiled shader serves every image size. */
  readonly enableShapeUniforms: true;
  readonly customUniforms: { name: string; type: 'int' | 'float' | 'vec2' }[];
}

/** What is used of tfjs's webgl backend, all of it public there. */
export interface WebglBackend {
  compileAndRun(
    program: WebglProgram,
    inputs: TensorInfo[],
    outputDtype: DataType,
    customUniformValues: number[][],
    preventEagerUnpackingOfOutput: boolean,
  ): TensorInfo;
  makeTensorInfo(shape: number[], dtype: DataType, values: Float32Array): TensorInfo;
  disposeIntermediateTensorInfo(tensorInfo: TensorInfo): void;
}

/** A program with the values of its uniforms. */
export interface Pass {
  readonly program: WebglProgram;
  readonly uniformValues: number[][];
}

export function withWebglPasses(
  backend: WebglBackend,
  compute: (passes: Passes<Pass>) => TensorInfo[],
): TensorInfo[] {
  return withPasses<Pass>(
    {
      run: ({ program, uniformValues }, inputs) =>
        backend.compileAndRun(program, inputs, 'float32', uniformValues, true),
      constant: (values) => backend.makeTensorInfo([values.length], 'float32', values),
      dispose: (texture) => backend.disposeIntermediateTensorInfo(texture),
    },
    compute,
  );
}
