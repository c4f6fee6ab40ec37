import { bitTests, finiteTest as finiteTestOfBits } from './bitTests.js';
import type { Pass } from './webgl.js';

export interface Uniform {
  readonly type: 'int' | 'float';
  readonly value: number;
}

export const int = (value: number): Uniform => ({ type: 'int', value });
export const float = (value: number): Uniform => ({ type: 'float', value });

export interface Shader {
  readonly inputs: string[];
  readonly outputShape: number[];
  readonly packed: { readonly inputs: boolean; readonly output: boolean };
  readonly uniforms: Readonly<Record<string, Uniform>>;
  readonly code: string;
}

export function pass({ inputs, outputShape, packed, uniforms, code }: Shader): Pass {
  return {
    program: {
      variableNames: inputs,
      outputShape,
      userCode: code,
      packedInputs: packed.inputs,
      packedOutput: packed.output,
      enableShapeUniforms: true,
      customUniforms: Object.entries(uniforms).map(([name, { type }]) => ({ name, type })),
    },
    uniformValues: Object.values(uniforms).map(({ value }) => [value]),
  };
}

/** WebGL 1 cannot see bits: there a compiler may drop a NaN. */
export const tests = (): string => `
#if __VERSION__ >= 300${bitTests()}
#else
    bool isNegative(float v) { return v < 0.0; }
    bool isAboveTwo(float v) { return v > 2.0; }
#endif`;

/** As `tests`: without bits, a compiler may take everything for finite. */
export const finiteTest = (): string => `
#if __VERSION__ >= 300${finiteTestOfBits()}
#else
    bool isFinite(float v) { return v - v == 0.0; }
#endif`;
