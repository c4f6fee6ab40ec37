// What messages say of values; without tfjs, for those who compute on arrays alone.

/** A size for people: `64×64`. */
export function describeSize(size: readonly number[]): string {
  return size.join('×');
}

/** The shape of a tensor for people: `[2, 64, 64, 1]`. */
export function describeShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** The parts of a tensor that can be described, from any copy of tfjs. */
interface TensorLike {
  readonly dtype: string;
  readonly shape: readonly number[];
}

export function isTensorLike(value: unknown): value is TensorLike {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'dtype' in value;
}

/** The name in `[object …]`, which a value of an iframe, a worker's realm or node:vm has too; `instanceof` fails there. */
export const tagOf = (value: unknown): string =>
  Object.prototype.toString.call(value).slice('[object '.length, -1);

/** What a wrong argument was, for the end of a message. */
export function describeValue(value: unknown): string {
  if (isTensorLike(value)) return `a ${value.dtype} tensor of shape ${describeShape(value.shape)}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value) && 'length' in value) {
    return `${withArticle(value.constructor.name)} of ${String(value.length)}`;
  }
  if (typeof value === 'string') return `"${value}"`;
  if (value === null || ['number', 'boolean'].includes(typeof value)) return String(value);
  if (typeof value !== 'object') return typeof value;
  const tag = tagOf(value);
  if (tag === 'Promise') return 'a Promise; await it first';
  return tag === 'Object' ? 'an object' : withArticle(tag);
}

/** `Uint8Array` sounds like "you", unlike `Int32Array`. */
function withArticle(name: string): string {
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
}
