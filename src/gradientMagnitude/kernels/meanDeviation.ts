/**
 * The mean over channels of the standard deviation over pixels of a map [H', W', C], each pixel by its share.
 * Where `slopes` is asked for, the map becomes the derivatives of that; they are 0 where the deviation is 0.
 */
export function meanDeviation(
  map: Float32Array,
  channels: number,
  shares: Float32Array | undefined,
  slopes = false,
): number {
  const pixels = map.length / channels;
  const shareOf = (pixel: number): number => (shares === undefined ? 1 / pixels : shares[pixel]!);
  let total = 0;
  for (let channel = 0; channel < channels; channel++) {
    let mean = 0;
    for (let k = 0; k < pixels; k++) mean += shareOf(k) * map[k * channels + channel]!;
    let variance = 0;
    for (let k = 0; k < pixels; k++) variance += shareOf(k) * (map[k * channels + channel]! - mean) ** 2;
    const deviation = Math.sqrt(variance);
    total += deviation;
    if (!slopes) continue;
    const factor = deviation === 0 ? 0 : 1 / (deviation * channels);
    for (let k = 0; k < pixels; k++) {
      const at = k * channels + channel;
      map[at] = (map[at]! - mean) * shareOf(k) * factor;
    }
  }
  return total / channels;
}
