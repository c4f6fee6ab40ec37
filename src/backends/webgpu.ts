import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';

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
  disposeData(dataId: TensorInfo['dataId']): boolean;
}

/** A program with the values of its uniforms. */
export interface Pass {
  readonly program: WebgpuProgram;
  readonly uniformValues: UniformValue[];
}

/** Runs passes one after another, and owns what they write. */
export interface Passes {
  run(pass: Pass, ...inputs: TensorInfo[]): TensorInfo;
  /** Frees a buffer for later passes to write to. */
  release(buffer: TensorInfo): void;
}

/** Whatever `compute` ran is released after it, but what it returns; when it throws, all of it. */
export function withPasses(backend: WebgpuBackend, compute: (passes: Passes) => TensorInfo[]): TensorInfo[] {
  const owned = new Set<TensorInfo['dataId']>();
  const release = ({ dataId }: TensorInfo): void => {
    if (owned.delete(dataId)) backend.disposeData(dataId);
  };
  try {
    const results = compute({
      run: ({ program, uniformValues }, ...inputs) => {
        const output = backend.runWebGPUProgram(program, inputs, 'float32', uniformValues);
        owned.add(output.dataId);
        return output;
      },
      release,
    });
    for (const { dataId } of results) owned.delete(dataId);
    return results;
  } finally {
    for (const dataId of owned) backend.disposeData(dataId);
  }
}
