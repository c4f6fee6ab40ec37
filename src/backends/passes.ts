import type { TensorInfo } from '@tensorflow/tfjs-core';

/** Runs the passes of a GPU backend one after another, and owns what they write. */
export interface Passes<Pass> {
  run(pass: Pass, ...inputs: TensorInfo[]): TensorInfo;
  /** Frees the output of a pass, so that later ones can write to it; tensors of other runs are left alone. */
  release(output: TensorInfo): void;
}

/** Disposes of the outputs of all passes that `compute` ran, apart from those it returns; if it throws, of all. */
export function withPasses<Pass>(
  run: (pass: Pass, inputs: TensorInfo[]) => TensorInfo,
  dispose: (output: TensorInfo) => void,
  compute: (passes: Passes<Pass>) => TensorInfo[],
): TensorInfo[] {
  const owned = new Map<TensorInfo['dataId'], TensorInfo>();
  const release = ({ dataId }: TensorInfo): void => {
    const output = owned.get(dataId);
    if (owned.delete(dataId)) dispose(output!);
  };
  try {
    const results = compute({
      run: (pass, ...inputs) => {
        const output = run(pass, inputs);
        owned.set(output.dataId, output);
        return output;
      },
      release,
    });
    for (const { dataId } of results) owned.delete(dataId);
    return results;
  } finally {
    for (const output of [...owned.values()]) release(output);
  }
}
