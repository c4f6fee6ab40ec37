import type { Geometry } from './geometry.js';

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

/** The sizes of images, by their names in `Geometry`. */
export const sizesOf = (geometry: Geometry): GpuShader['uniforms'] =>
  Object.fromEntries(
    Object.entries(geometry)
      .filter(([name]) => name !== 'halved')
      .map(([name, size]) => [name, int(size as number)]),
  );

/** Whether numbers lie together as a vector. */
export const isVectors = (input: GpuShader['inputs'][string]): input is Vectors =>
  input === 'vec2' || input === 'vec4';

/** The readers of inputs, out of tfjs's: `vector` reads from (row, column), `number` makes what tfjs reads at `places` a number. */
export function readersOf(
  inputs: GpuShader['inputs'],
  vector: (getter: string, kind: Vectors) => string,
  number: (read: string, places: readonly string[]) => string,
): string {
  const readers = Object.entries(inputs).map(([name, input]) => {
    const getter = `get${name[0]!.toUpperCase()}${name.slice(1)}`;
    const [type, places] = isVectors(input)
      ? [input, ['row', 'column']]
      : ['float', { N: ['n'], NC: ['n', 'c'], NHWC: ['n', 'i', 't', 'c'] }[input]];
    return `
    ${type} ${name}At(${places.map((place) => `int ${place}`).join(', ')}) {
      return ${isVectors(input) ? vector(getter, input) : number(`${getter}(${places.join(', ')})`, places)};
    }`;
  });
  return readers.join('');
}
