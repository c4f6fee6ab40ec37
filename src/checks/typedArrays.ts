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

/** Of 8 bits, 16 bits and floats. */
export type PixelRange = 255 | 65535 | 1;

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

/** What pixels go up to in arrays of each type that holds pixels. */
const pixelRanges: Partial<Record<string, PixelRange>> = {
  Uint8Array: 255,
  Uint8ClampedArray: 255,
  Uint16Array: 65535,
  Float32Array: 1,
  Float64Array: 1,
};

/** What the pixels in an array go up to, of any realm; undefined where it is none of {@link pixelRanges}. */
export const pixelRangeOf = (value: unknown): PixelRange | undefined =>
  ArrayBuffer.isView(value) ? pixelRanges[tagOf(value)] : undefined;

export const isFloat32Array = (value: unknown): value is Float32Array => isArrayOf('Float32Array', value);
