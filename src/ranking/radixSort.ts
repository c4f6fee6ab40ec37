/** Below this, three passes over 2,048 counters cost more than comparing. */
const fewest = 2048;

/** Sorts keys in ascending order, by three passes of 11, 11 and 10 bits; may use the array up. */
export function sortKeys(keys: Int32Array): Int32Array {
  if (keys.length < fewest) return keys.sort();
  const [low, middle, high] = countersOf(keys);
  const length = keys.length;
  const other = new Int32Array(length);
  if (isSpread(low, length)) {
    for (let i = 0; i < length; i++) {
      const key = keys[i]!;
      other[low[key & 2047]!++] = key;
    }
  } else other.set(keys);
  const back = keys;
  if (isSpread(middle, length)) {
    for (let i = 0; i < length; i++) {
      const key = other[i]!;
      back[middle[(key >>> 11) & 2047]!++] = key;
    }
  } else back.set(other);
  if (!isSpread(high, length)) return back;
  for (let i = 0; i < length; i++) {
    const key = back[i]!;
    other[high[(key >> 22) + 512]!++] = key;
  }
  return other;
}

/** The same, and takes a number along with each key; keys that are equal stay in their order. */
export function sortPairs(
  keys: Int32Array,
  payload: Int32Array,
): { readonly keys: Int32Array; readonly payload: Int32Array } {
  const counters = countersOf(keys);
  const length = keys.length;
  let [fromKeys, fromPayload] = [keys, payload];
  let toKeys: Int32Array = new Int32Array(length);
  let toPayload: Int32Array = new Int32Array(length);
  for (let pass = 0; pass < 3; pass++) {
    const places = counters[pass]!;
    if (!isSpread(places, length)) continue;
    const shift = 11 * pass;
    const offset = pass === 2 ? 512 : 0;
    const mask = pass === 2 ? -1 : 2047;
    for (let i = 0; i < length; i++) {
      const key = fromKeys[i]!;
      const place = places[((key >> shift) & mask) + offset]!++;
      toKeys[place] = key;
      toPayload[place] = fromPayload[i]!;
    }
    [fromKeys, toKeys] = [toKeys, fromKeys];
    [fromPayload, toPayload] = [toPayload, fromPayload];
  }
  return { keys: fromKeys, payload: fromPayload };
}

/** For each of the three digits, where the keys with each of its values begin. */
function countersOf(keys: Int32Array): readonly [Int32Array, Int32Array, Int32Array] {
  const [low, middle, high] = [new Int32Array(2048), new Int32Array(2048), new Int32Array(1024)];
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    low[key & 2047]!++;
    middle[(key >>> 11) & 2047]!++;
    high[(key >> 22) + 512]!++;
  }
  for (const counts of [low, middle, high]) {
    let start = 0;
    for (let digit = 0; digit < counts.length; digit++) {
      const count = counts[digit]!;
      counts[digit] = start;
      start += count;
    }
  }
  return [low, middle, high];
}

/** Whether a digit differs between keys: where every key has the same, its pass changes nothing. */
function isSpread(starts: Int32Array, length: number): boolean {
  for (let digit = 0; digit < starts.length; digit++) {
    const start = starts[digit]!;
    if (start !== 0 && start !== length) return true;
  }
  return false;
}
