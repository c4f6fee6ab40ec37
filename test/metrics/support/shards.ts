/** A data set that every process can make its part of. */
export const size = { height: 20, width: 30 } as const;

/** One that keeps every score, and one that counts them in few bins. */
export const capacities = [{}, { exactUpTo: 1000, bins: 4096 }] as const;

export function imageOf(image: number): { readonly map: Float32Array; readonly mask: Uint8Array } {
  const random = generator(image + 1);
  const [y0, x0, side] = [0, 0, 0].map(() => 2 + Math.floor(10 * random())) as [number, number, number];
  const mask = Uint8Array.from({ length: size.height * size.width }, (_, i) => {
    const [y, x] = [Math.floor(i / size.width), i % size.width];
    return image % 3 > 0 && y >= y0 && y < y0 + side && x >= x0 && x < x0 + side ? 1 : 0;
  });
  const map = Float32Array.from(mask, (value) => Math.round(200 * (random() + 0.3 * value)) / 100 - 0.5);
  return { map, mask };
}

/** Numbers in [0, 1) from a seed. */
export function generator(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
