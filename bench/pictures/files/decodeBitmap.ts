/** Pixels of a BMP: grey, or red, green and blue; 8 bits each. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** The one format here that sharp does not know: 1, 4 and 8 bits with a palette, 16, 24 and 32 bits, not compressed. */
export function decodeBitmap(bytes: Buffer): Bitmap {
  const headerSize = bytes.readUInt32LE(14);
  const old = headerSize === 12;
  const [width, signedHeight] = old
    ? [bytes.readUInt16LE(18), bytes.readUInt16LE(20)]
    : [bytes.readInt32LE(18), bytes.readInt32LE(22)];
  const height = Math.abs(signedHeight);
  const bits = bytes.readUInt16LE(old ? 24 : 28);
  const compression = old ? 0 : bytes.readUInt32LE(30);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw new Error(`a BMP of ${bits} bits`);
  if (![0, 3, 6].includes(compression)) throw new Error('a compressed BMP; save it without compression');
  const start = bytes.readUInt32LE(10);
  const rowBytes = 4 * Math.ceil((bits * width) / 32);
  if (width <= 0 || height === 0 || bytes.length < start + rowBytes * height)
    throw new Error('a BMP that ends too early');

  const colours = bits <= 8 ? paletteOf(bytes, 14 + headerSize, old ? 3 : 4, bits) : undefined;
  const grey = colours?.every(([red, green, blue]) => red === green && green === blue) ?? false;
  const channels = grey ? 1 : 3;
  const fields = compression === 0 ? undefined : [0, 1, 2].map((k) => bytes.readUInt32LE(54 + 4 * k));
  const colourAt = (row: number, column: number): readonly number[] => {
    switch (bits) {
      case 16:
        return fieldsOf(bytes.readUInt16LE(row + 2 * column), fields ?? [0x7c00, 0x3e0, 0x1f]);
      case 24:
        return [2, 1, 0].map((k) => bytes[row + 3 * column + k]!);
      case 32:
        return fieldsOf(bytes.readUInt32LE(row + 4 * column), fields ?? [0xff0000, 0xff00, 0xff]);
      default: {
        const first = column * bits;
        const index = (bytes[row + (first >> 3)]! >> (8 - bits - (first & 7))) & ((1 << bits) - 1);
        return colours![index] ?? [0, 0, 0];
      }
    }
  };
  const data = new Uint8Array(width * height * channels);
  for (let line = 0; line < height; line++) {
    // From the bottom up, unless the height is negative.
    const row = start + rowBytes * (signedHeight > 0 ? height - 1 - line : line);
    for (let column = 0; column < width; column++) {
      const colour = colourAt(row, column);
      for (let c = 0; c < channels; c++) data[(line * width + column) * channels + c] = colour[c]!;
    }
  }
  return { width, height, channels, data };
}

/** Blue, green and red in the file. */
function paletteOf(bytes: Buffer, from: number, size: number, bits: number): number[][] {
  const used = size === 4 ? bytes.readUInt32LE(46) : 0;
  const count = used > 0 && used <= 1 << bits ? used : 1 << bits;
  return Array.from({ length: count }, (_, k) => [2, 1, 0].map((c) => bytes[from + size * k + c]!));
}

/** What the bits of each mask say, as a share of what they could, of 255. */
function fieldsOf(value: number, masks: readonly number[]): number[] {
  return masks.map((mask) => {
    if (mask === 0) return 0;
    const shift = 31 - Math.clz32(mask & -mask);
    return Math.round((255 * ((value & mask) >>> shift)) / (mask >>> shift));
  });
}
