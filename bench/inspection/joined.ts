/** Arrays of one kind, one after the other. */
export function joined<A extends Float32Array | Uint8Array>(parts: readonly A[]): A {
  const [first] = parts;
  if (first === undefined) throw new Error('there is nothing to join');
  const whole = new (first.constructor as new (length: number) => A)(
    parts.reduce((length, part) => length + part.length, 0),
  );
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
