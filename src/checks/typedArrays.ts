import { tagOf } from './describe.js';

/** Typed arrays of numbers, not of bigints. */
export type NumericArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

type NumericName = NumericArray[typeof Symbol.toStringTag];

const names: readonly NumericName[] = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
];

/** Whether it is a typed array of numbers, of any realm. */
export const isNumericArray = (value: unknown): value is NumericArray =>
  ArrayBuffer.isView(value) && (names as readonly string[]).includes(tagOf(value));

/** Whether it is a typed array of this type, of any realm. */
export const isArrayOf = <Name extends NumericName>(
  name: Name,
  value: unknown,
): value is Extract<NumericArray, { readonly [Symbol.toStringTag]: Name }> =>
  ArrayBuffer.isView(value) && tagOf(value) === name;

export const isFloat32Array = (value: unknown): value is Float32Array => isArrayOf('Float32Array', value);
