import { inWgsl } from './shaderWords.js';
import type { Pass, UniformValue } from './webgpu.js';

export interface Uniform {
  readonly type: 'i32' | 'f32';
  readonly value: number;
}

export const int = (value: number): Uniform => ({ type: 'i32', value });
export const float = (value: number): Uniform => ({ type: 'f32', value });

const workgroup = 64;

export interface Shader {
  readonly name: string;
  /** How many numbers of each input, and of the output, lie together as a vector. */
  readonly inputs: Readonly<Record<string, 1 | 2 | 4>>;
  readonly output: 1 | 2 | 4;
  readonly outputShape: number[];
  readonly uniforms: Readonly<Record<string, Uniform>>;
  /** In the words that `inWgsl` turns into WGSL. */
  readonly formulas: string;
  readonly main: string;
}

export function pass({ name, inputs, output, outputShape, uniforms, formulas, main }: Shader): Pass {
  const code = inWgsl(formulas, Object.keys(uniforms)) + main;
  const size = outputShape.reduce((product, length) => product * length, 1) / output;
  return {
    program: {
      variableNames: Object.keys(inputs),
      variableComponents: Object.values(inputs),
      outputShape,
      outputComponent: output,
      uniforms: Object.entries(uniforms)
        .map(([key, { type }]) => `${key} : ${type},`)
        .join(' '),
      size: true,
      workgroupSize: [workgroup, 1, 1],
      dispatchLayout: { x: outputShape.map((_, axis) => axis) },
      // The backend folds what is more than one dimension holds into three.
      dispatch: [Math.ceil(size / workgroup), 1, 1],
      // The source itself: it depends on the window and the padding, not on sizes and constants.
      shaderKey: `ssim-ae ${name} ${code}`,
      getUserCode: () => code,
    },
    uniformValues: Object.values(uniforms).map(({ type, value }): UniformValue => ({
      type: type === 'i32' ? 'int32' : 'float32',
      data: [value],
    })),
  };
}
