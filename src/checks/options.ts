import { describeValue, isTensorLike, tagOf } from './describe.js';
import { commonNames } from './namesElsewhere.js';
import type { NamesElsewhere } from './namesElsewhere.js';

/**
 * Options must be a plain object whose names are all known: a typing error must not pass as a default. `elsewhere`: the
 * tables with names of other libraries for those of `known` that commonNames lacks.
 */
export function checkOptionNames(
  functionName: string,
  options: unknown,
  known: readonly string[],
  ...elsewhere: readonly NamesElsewhere[]
): void {
  if (!isPlainObject(options)) {
    throw new TypeError(`${functionName}: options must be an object, but got ${describeValue(options)}.`);
  }
  // Inherited names too, which are read like any others.
  for (const name in options) {
    if (!known.includes(name)) {
      throw new TypeError(`${functionName}: unknown option "${name}"; ${adviceFor(name, known, elsewhere)}`);
    }
    if (options[name] === null) {
      throw new TypeError(`${functionName}: ${name} must not be null; leave it out where it has a default.`);
    }
  }
}

/**
 * No argument beyond those that a function takes: options where it takes none must not pass unseen. Nothing is lost with
 * `undefined` or `{}`.
 */
export function checkArguments(
  functionName: string,
  given: ArrayLike<unknown>,
  most: number,
  takes = `at most ${most} arguments`,
): void {
  const surplus = Array.from(given)
    .slice(most)
    .find(
      (argument) =>
        argument !== undefined && !(isPlainObject(argument) && Object.keys(argument).length === 0),
    );
  if (surplus === undefined) return;
  const what = isPlainObject(surplus) ? `{ ${Object.keys(surplus).join(', ')} }` : describeValue(surplus);
  throw new TypeError(
    `${functionName}: takes ${takes}, but got ${given.length}; it does not know what to do with ${what}.`,
  );
}

/** The same of a function of one argument, which `list.map` may hand the index and the list besides. */
export function checkOneArgument(functionName: string, given: ArrayLike<unknown>): void {
  const [value, index, list] = Array.from(given);
  if (Array.isArray(list) && list[index as number] === value && given.length === 3) return;
  checkArguments(functionName, given, 1, 'one argument');
}

/** An object literal or similar, of any realm, but not a list, map, promise, tensor … */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return ['Object', 'Module'].includes(tagOf(value)) && !isTensorLike(value);
}

/** What to write instead of a name that a function does not know. */
function adviceFor(name: string, known: readonly string[], elsewhere: readonly NamesElsewhere[]): string {
  const plain = plainName(name);
  const has = (names: string, wanted: string): boolean => names.split(' ').includes(wanted);
  const [meant, , text] = [
    ...known.map((own) => [own, plainName(own)] as const),
    ...elsewhere.flat(),
    ...commonNames,
  ].find(([options, names]) => has(names, plain) && known.some((own) => has(options, own))) ?? [
    nearest(plain, known),
  ];
  if (text !== undefined) return `${text}.`;
  return meant === undefined ? `known are ${known.join(', ')}.` : `did you mean "${meant}"?`;
}

const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The name that takes the fewest changes, at most one for every three letters. */
function nearest(plain: string, known: readonly string[]): string | undefined {
  for (let changes = 0; changes <= plain.length / 3; changes++) {
    const found = known.find(
      (name) => changes <= name.length / 3 && areWithin(changes, plain, plainName(name)),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether so many letters left out, added, exchanged or swapped with the next make one word of the other. */
function areWithin(changes: number, a: string, b: string): boolean {
  if (a === b) return true;
  const [restOfA, restOfB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return areWithin(changes, restOfA, restOfB);
  return (
    changes > 0 &&
    (areWithin(changes - 1, restOfA, b) ||
      areWithin(changes - 1, a, restOfB) ||
      areWithin(changes - 1, restOfA, restOfB) ||
      (a[0] === b[1] && a[1] === b[0] && areWithin(changes - 1, a.slice(2), b.slice(2))))
  );
}

/** What a number must be, besides finite. */
export interface Bound {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
  /** The way out, for a number that is outside. */
  readonly hint?: string;
}

/** A finite number within bounds. */
export const checkNumber = (where: string, value: unknown, bound: Bound = {}): number =>
  checkBounds(where, value, bound, 'finite');

/** A whole number within bounds. */
export const checkWhole = (where: string, value: unknown, bound: Bound = {}): number =>
  checkBounds(where, value, bound, 'whole');

function checkBounds(where: string, value: unknown, bound: Bound, kind: 'finite' | 'whole'): number {
  const { least = -Infinity, above = -Infinity, most = Infinity, below = Infinity, hint } = bound;
  if (typeof value !== 'number') {
    throw new TypeError(`${where} must be ${expectation(bound, kind)}, but got ${describeValue(value)}.`);
  }
  const isOfKind = kind === 'whole' ? Number.isInteger(value) : Number.isFinite(value);
  if (isOfKind && value >= least && value > above && value <= most && value < below) return value;
  const wayOut = hint === undefined ? '' : `; ${hint}`;
  throw new RangeError(`${where} must be ${expectation(bound, kind)}, but got ${value}${wayOut}.`);
}

/** `a whole number from 1 to 5`, `a finite number > 0`. */
function expectation({ least, above, most, below }: Bound, kind: 'finite' | 'whole'): string {
  if (least !== undefined && most !== undefined) return `a ${kind} number from ${least} to ${most}`;
  const bounds = [
    least === undefined ? '' : ` ≥ ${least}`,
    above === undefined ? '' : ` > ${above}`,
    most === undefined ? '' : ` ≤ ${most}`,
    below === undefined ? '' : ` < ${below}`,
  ];
  return `a ${kind} number${bounds.filter((bound) => bound !== '').join(' and')}`;
}

/** The smallest normal float32, 2⁻¹²⁶. */
const leastConstant = 2 ** -126;

/** Powers of 2 that float32 can divide by, with room for pixels of a small part of them: GPUs take tinier numbers for 0. */
const leastRange = 2 ** -100;
const mostRange = 2 ** 126;

/** The distance from the smallest to the largest pixel, in numbers that float32 can divide by. */
export function checkDataRange(where: string, value: unknown): number {
  const dataRange = checkNumber(where, value, { above: 0 });
  if (dataRange < leastRange || dataRange > mostRange) {
    throw new RangeError(
      `${where} must be from 8e-31 to 8e37, which float32 can divide images by, but got ${dataRange}; ` +
        `bring the pixels into [0, 1] where they are computed, and leave dataRange out.`,
    );
  }
  return dataRange;
}

/**
 * The power of 2 at or below `dataRange`, which images are divided by: that is exact. A division by 255 would
 * round every pixel, and an almost flat window consists of such roundings.
 */
export function unitOf(dataRange: number): number {
  const unit = 2 ** Math.floor(Math.log2(dataRange));
  // A logarithm just below a power of 2 may have been rounded up to it.
  return unit > dataRange ? unit / 2 : unit;
}

/**
 * Converts a constant for images divided by `dataRange` into one for images divided by their unit. It must be
 * above 0 in float32, since it is the divisor where the images are `flat`.
 */
export function checkConstant(
  where: string,
  constant: number,
  dataRange: number,
  flat: 'places' | 'windows',
): number {
  if (!(constant >= leastConstant && constant < Infinity)) {
    throw new RangeError(
      `${where} makes a constant of ${constant} for images divided by dataRange, ` +
        `beyond what float32 holds; flat ${flat} would divide by 0.`,
    );
  }
  return constant * (dataRange / unitOf(dataRange)) ** 2;
}

/** One of a fixed set of names, or of numbers. */
export function checkChoice<Choice extends string | number>(
  where: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    const list = choices.map((choice) => (typeof choice === 'string' ? `'${choice}'` : choice)).join(', ');
    throw new TypeError(`${where} must be one of ${list}, but got ${describeValue(value)}.`);
  }
  return found;
}

export function checkBoolean(where: string, value: unknown): boolean {
  if (typeof value !== 'boolean') {
    throw new TypeError(`${where} must be true or false, but got ${describeValue(value)}.`);
  }
  return value;
}

/** A number for every spatial axis: one for all of them, or a list. */
export function checkPerAxis(
  where: string,
  value: unknown,
  axes: number,
  check: (where: string, value: unknown) => number,
): number[] {
  if (!Array.isArray(value)) return new Array<number>(axes).fill(check(where, value));
  if (value.length !== axes) {
    throw new RangeError(
      `${where} must be one number or [${axes === 3 ? 'depth, height, width' : 'height, width'}], ` +
        `but got an array of ${value.length}.`,
    );
  }
  return value.map((entry: unknown, axis) => check(`${where}[${axis}]`, entry));
}

/** An odd whole number of pixels, so that the window has a centre. */
export function checkOddSize(where: string, value: unknown): number {
  const size = checkWhole(where, value, { least: 1 });
  if (size % 2 === 0) {
    throw new RangeError(
      `${where} must be odd, so that the window has a centre, but got ${size}; use ${size - 1} or ${size + 1}.`,
    );
  }
  return size;
}
