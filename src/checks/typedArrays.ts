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

/** The name in `[object …]`, which an array of an iframe, a worker's realm or node:vm has too; `instanceof` fails there. */
const nameOf = (value: unknown): string =>
  ArrayBuffer.isView(value) ? Object.prototype.toString.call(value).slice(8, -1) : '';

/** Whether it is a typed array of numbers, of any realm. */
export const isNumericArray = (value: unknown): value is NumericArray =>
  (names as readonly string[]).includes(nameOf(value));

/** Whether it is a typed array of this type, of any realm. */
export const isArrayOf = <Name extends NumericName>(
  name: Name,
  value: unknown,
): value is Extract<NumericArray, { readonly [Symbol.toStringTag]: Name }> => nameOf(value) === name;

export const isFloat32Array = (value: unknown): value is Float32Array => isArrayOf('Float32Array', value);
