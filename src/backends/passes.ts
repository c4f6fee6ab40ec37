import type { TensorInfo } from '@tensorflow/tfjs-core';

/** Runs the passes of a GPU backend one after another, and owns what they write. */
export interface Passes<Pass> {
  run(pass: Pass, ...inputs: TensorInfo[]): TensorInfo;
  /** Numbers from here, as an input. */
  constant(values: Float32Array): TensorInfo;
  /** Frees the output of a pass, so that later ones can write to it; tensors of other runs are left alone. */
  release(output: TensorInfo): void;
}

/** What a backend does for its passes. */
interface PassRunner<Pass> {
  readonly run: (pass: Pass, inputs: TensorInfo[]) => TensorInfo;
  readonly constant: (values: Float32Array) => TensorInfo;
  readonly dispose: (output: TensorInfo) => void;
}

/** Disposes of the outputs of all passes that `compute` ran, apart from those it returns; if it throws, of all. */
export function withPasses<Pass>(
  { run, constant, dispose }: PassRunner<Pass>,
  compute: (passes: Passes<Pass>) => TensorInfo[],
): TensorInfo[] {
  const owned = new Map<TensorInfo['dataId'], TensorInfo>();
  const release = ({ dataId }: TensorInfo): void => {
    const output = owned.get(dataId);
    if (owned.delete(dataId)) dispose(output!);
  };
  try {
    const own = (output: TensorInfo): TensorInfo => {
      owned.set(output.dataId, output);
      return output;
    };
    const results = compute({
      run: (pass, ...inputs) => own(run(pass, inputs)),
      constant: (values) => own(constant(values)),
      release,
    });
    for (const { dataId } of results) owned.delete(dataId);
    return results;
  } finally {
    for (const output of [...owned.values()]) release(output);
  }
}
