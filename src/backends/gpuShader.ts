/**
 * A pass of a GPU, written once for both of its languages in the words of shaderWords.ts.
 *
 * Every input NAME is read by `NAMEAt`: `float` of numbers at (n), (n, c) or (n, row, column, c), `vec2` or `vec4` at (row, column),
 * where rows count N · H and columns W · C. `functions` holds `valueAt`, which gives what the output has at such a place.
 *
 * Every input must be read: on webgpu a binding that the shader does not mention makes the bind group invalid, and the output
 * what its buffer held before.
 */
export interface GpuShader {
  readonly name: string;
  readonly inputs: Readonly<Record<string, 'N' | 'NC' | 'NHWC' | Vectors>>;
  readonly output: 'NHWC' | Vectors;
  /** [N, H, W, C], or [rows, columns] of vectors. */
  readonly outputShape: number[];
  readonly uniforms: Readonly<Record<string, GpuUniform>>;
  readonly functions: string;
}

/** The part of a shader that reads the pixels of both images. */
export type PixelReader = Pick<GpuShader, 'inputs' | 'uniforms' | 'functions'>;

type Vectors = 'vec2' | 'vec4';

interface GpuUniform {
  readonly type: 'int' | 'float';
  readonly value: number;
}

export const int = (value: number): GpuUniform => ({ type: 'int', value });
export const float = (value: number): GpuUniform => ({ type: 'float', value });

/** A number as both languages write it, with every digit of a float32. */
export const literal = (value: number): string => value.toExponential(8);

/** The coordinates that an input's reader takes. */
export const coordinatesOf = (input: GpuShader['inputs'][string]): readonly string[] =>
  ({
    N: ['n'],
    NC: ['n', 'c'],
    NHWC: ['n', 'i', 't', 'c'],
    vec2: ['row', 'column'],
    vec4: ['row', 'column'],
  })[input];

export const isVectors = (input: GpuShader['inputs'][string]): input is Vectors =>
  input === 'vec2' || input === 'vec4';

/** tfjs's reader of an input. */
export const getterOf = (name: string): string => `get${name[0]!.toUpperCase()}${name.slice(1)}`;
