import { describeValue, isTensorLike } from './describe.js';
import { furtherNames } from './namesElsewhere.js';
import { checkOptionNames, checkWhole } from './options.js';
import { isArrayOf, isFloat32Array, isNumericArray } from './typedArrays.js';
import type { NumericArray } from './typedArrays.js';

/** Anomaly scores, higher = more anomalous: what `await tensor.data()` gives, or a list of numbers. */
export type Scores = NumericArray | readonly number[];

/** The truth for every score: 1 or true is defective, 0 or false is not. What `await tensor.data()` gives, too. */
export type Labels = NumericArray | readonly number[] | readonly boolean[];

/**
 * Score maps of one size: a flat array [N, H, W], which is what `await map.data()` gives for a residual map
 * [N, H, W, 1], or a list of such arrays, each of one image or more.
 */
export type ScoreMaps = Scores | readonly Scores[];

/** The true masks of {@link ScoreMaps}, in the same order: flat, or a list of such arrays. */
export type Masks = Labels | readonly Labels[];

/** The size of every image. */
export interface ImageSize {
  /** Rows of every image, in pixels. */
  readonly height: number;
  /** Columns of every image, in pixels. */
  readonly width: number;
}

/** Finite scores, as float32 where that holds every one of them exactly, else as float64. */
export function checkScores(where: string, scores: unknown): Float32Array | Float64Array {
  const values = asFloats(where, scores);
  if (values.length === 0) throw new RangeError(`${where} is empty; it must hold at least one score.`);
  const culprit = firstNotFinite(values);
  if (culprit >= 0) {
    throw new RangeError(`${where}[${culprit}] is ${values[culprit]}; every score must be a finite number.`);
  }
  return !isFloat32Array(values) && values.every((value) => Math.fround(value) === value)
    ? new Float32Array(values)
    : values;
}

function asFloats(where: string, scores: unknown): Float32Array | Float64Array {
  if (isFloat32Array(scores) || isArrayOf('Float64Array', scores)) return scores;
  // Float32 holds whole numbers of 8 and 16 bits, but not all of 32.
  if (isNumericArray(scores)) {
    return scores.BYTES_PER_ELEMENT < 4 ? new Float32Array(scores) : new Float64Array(scores);
  }
  if (!Array.isArray(scores)) {
    throw notAnArray(where, 'a typed array or a list of numbers, such as await tensor.data()', scores);
  }
  scores.forEach((score: unknown, index) => {
    if (typeof score === 'number') return;
    throw new TypeError(`${where}[${index}] must be a number, but got ${describeValue(score)}.`);
  });
  return Float64Array.from(scores as number[]);
}

/** The way out for something that is not an array at all: most likely a promise or a tensor, one step away from its values. */
function notAnArray(where: string, expected: string, value: unknown): TypeError {
  const hint = isTensorLike(value) ? '; pass its values, await tensor.data()' : '';
  return new TypeError(`${where} must be ${expected}, but got ${describeValue(value)}${hint}.`);
}

function firstNotFinite(values: Float32Array | Float64Array): number {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value !== 0) return i;
  }
  return -1;
}

/** Labels or masks as bytes of 0 and 1. */
export function checkBinary(where: string, values: unknown): Uint8Array {
  if (isArrayOf('Uint8Array', values)) {
    const culprit = firstNotBinary(values);
    if (culprit >= 0) throw notBinary(where, values[culprit], culprit);
    return values;
  }
  if (!isNumericArray(values) && !Array.isArray(values)) {
    throw notAnArray(where, 'a typed array, or a list of booleans or of 0 and 1', values);
  }
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value: unknown = values[i];
    if (value === 1 || value === true) bytes[i] = 1;
    else if (value !== 0 && value !== false) throw notBinary(where, value, i);
  }
  return bytes;
}

function firstNotBinary(values: Uint8Array): number {
  // Four at a time where they can be read so.
  const words =
    values.byteOffset % 4 === 0
      ? new Uint32Array(values.buffer, values.byteOffset, values.length >> 2)
      : new Uint32Array(0);
  let i = 0;
  while (i < words.length && (words[i]! & 0xfefefefe) === 0) i++;
  for (i *= 4; i < values.length; i++) if (values[i]! > 1) return i;
  return -1;
}

function notBinary(where: string, value: unknown, index: number): Error {
  const text = `${where}[${index}] must be 0 or 1, but got ${describeValue(value)}`;
  return typeof value === 'number'
    ? new RangeError(`${text}; make a mask of other values binary with Uint8Array.from(mask, (v) => v > 0).`)
    : new TypeError(`${text}.`);
}

/** Scores and their labels, one for each. */
export function checkLabelled(
  functionName: string,
  scores: unknown,
  labels: unknown,
): { readonly scores: Float32Array | Float64Array; readonly labels: Uint8Array } {
  const checked = {
    scores: checkScores(`${functionName}: scores`, scores),
    labels: checkBinary(`${functionName}: labels`, labels),
  };
  if (checked.scores.length !== checked.labels.length) {
    throw new RangeError(
      `${functionName}: there must be one label for each score, but got ${checked.scores.length} scores ` +
        `and ${checked.labels.length} labels.`,
    );
  }
  return checked;
}

/** Options with the height and width of the images, both whole and at least 1, and no unknown ones. */
export function checkSize(
  functionName: string,
  options: ImageSize,
  others: readonly string[] = [],
): ImageSize {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(
      `${functionName}: options must be an object, but got ${describeValue(options)}; ` +
        'give the size of every image, { height, width }, in pixels.',
    );
  }
  checkOptionNames(functionName, options, ['height', 'width', ...others], furtherNames);
  return {
    height: checkWhole(`${functionName}: height`, options.height, { least: 1 }),
    width: checkWhole(`${functionName}: width`, options.width, { least: 1 }),
  };
}

/** One array of score maps or a list of them, as one array for each image. */
export function checkMaps(
  functionName: string,
  maps: unknown,
  size: ImageSize,
): readonly (Float32Array | Float64Array)[] {
  return imagesOf(functionName, 'maps', maps, size, checkScores);
}

/** One array of masks or a list of them, as one array for each image. */
export function checkMasks(functionName: string, masks: unknown, size: ImageSize): readonly Uint8Array[] {
  return imagesOf(functionName, 'masks', masks, size, checkBinary);
}

/** A mask of one image. */
export function checkMask(functionName: string, mask: unknown, size: ImageSize): Uint8Array {
  const checked = checkBinary(`${functionName}: mask`, mask);
  if (checked.length !== size.height * size.width) {
    throw new RangeError(
      `${functionName}: mask must hold one image of ${size.height}×${size.width}, ` +
        `${size.height * size.width} values, but got ${checked.length}.`,
    );
  }
  return checked;
}

/** Score maps and their masks, image by image. */
export function checkMapsAndMasks(
  functionName: string,
  maps: unknown,
  masks: unknown,
  size: ImageSize,
): { readonly maps: readonly (Float32Array | Float64Array)[]; readonly masks: readonly Uint8Array[] } {
  const checked = { maps: checkMaps(functionName, maps, size), masks: checkMasks(functionName, masks, size) };
  if (checked.maps.length !== checked.masks.length) {
    throw new RangeError(
      `${functionName}: there must be one mask for each map, but got ${checked.maps.length} maps and ` +
        `${checked.masks.length} masks of ${size.height}×${size.width}.`,
    );
  }
  return checked;
}

function imagesOf<Values extends Float32Array | Float64Array | Uint8Array>(
  functionName: string,
  name: string,
  value: unknown,
  { height, width }: ImageSize,
  check: (where: string, value: unknown) => Values,
): readonly Values[] {
  const isList = Array.isArray(value) && typeof value[0] === 'object';
  const parts: readonly unknown[] = isList ? value : [value];
  const pixels = height * width;
  return parts.flatMap((part, index) => {
    const where = isList ? `${name}[${index}]` : name;
    const values = check(`${functionName}: ${where}`, part);
    if (values.length === 0 || values.length % pixels !== 0) {
      throw new RangeError(
        `${functionName}: ${where} must hold whole images of ${height}×${width}, a multiple of ${pixels} ` +
          `values, but got ${values.length}.`,
      );
    }
    return Array.from(
      { length: values.length / pixels },
      (_, image) => values.subarray(image * pixels, (image + 1) * pixels) as Values,
    );
  });
}

/** Two masks of one length, as the pixels that lie in both of them and in either. */
export function checkMaskPair(
  functionName: string,
  maskTrue: unknown,
  maskPred: unknown,
): { readonly both: number; readonly either: number } {
  const truth = checkBinary(`${functionName}: maskTrue`, maskTrue);
  const found = checkBinary(`${functionName}: maskPred`, maskPred);
  if (truth.length !== found.length || truth.length === 0) {
    throw new RangeError(
      `${functionName}: maskTrue and maskPred must have as many pixels as each other, at least one, ` +
        `but got ${truth.length} and ${found.length}.`,
    );
  }
  let [both, either] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    both += truth[i]! & found[i]!;
    either += truth[i]! | found[i]!;
  }
  return { both, either };
}
