import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';

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
  disposeIntermediateTensorInfo(tensorInfo: TensorInfo): void;
}

/** A program with the values of its uniforms. */
export interface Pass {
  readonly program: WebglProgram;
  readonly uniformValues: number[][];
}

/** Runs passes one after another, and owns what they write. */
export interface Passes {
  run(pass: Pass, ...inputs: TensorInfo[]): TensorInfo;
  /** Frees a texture for later passes to write to. */
  release(texture: TensorInfo): void;
}

/** Whatever `compute` ran is released after it, but what it returns; when it throws, all of it. */
export function withPasses(backend: WebglBackend, compute: (passes: Passes) => TensorInfo[]): TensorInfo[] {
  const owned = new Map<TensorInfo['dataId'], TensorInfo>();
  const release = (texture: TensorInfo): void => {
    if (owned.delete(texture.dataId)) backend.disposeIntermediateTensorInfo(texture);
  };
  try {
    const results = compute({
      run: ({ program, uniformValues }, ...inputs) => {
        const output = backend.compileAndRun(program, inputs, 'float32', uniformValues, true);
        owned.set(output.dataId, output);
        return output;
      },
      release,
    });
    for (const result of results) owned.delete(result.dataId);
    return results;
  } finally {
    for (const texture of [...owned.values()]) release(texture);
  }
}
