/** The pixels of an image must lie in [0, dataRange]; rounding may move one slightly out of it. */
export function checkPixels(
  functionName: string,
  name: string,
  pixels: ArrayLike<number>,
  dataRange: number,
): void {
  const tolerance = 1e-4 * dataRange;
  const [least, most, nan] = extremesOf(pixels);
  if (nan > 0) {
    throw new RangeError(
      `${functionName}: ${name} has NaN in ${nan} of its ${pixels.length} pixels, outside of [0, ${dataRange}]; ` +
        `find out where they come from: a division by 0, or training that diverged.`,
    );
  }
  if (least >= -tolerance && most <= dataRange + tolerance) return;
  const hint =
    least < -tolerance
      ? 'shift and scale the pixels to begin at 0'
      : dataRange === 1
        ? 'divide the pixels by 255, or give { dataRange: 255 }'
        : 'give the range that the pixels have';
  throw new RangeError(
    `${functionName}: ${name} has pixels from ${least} to ${most}, outside of [0, ${dataRange}]; ${hint}.`,
  );
}

/** Counted here, since min and max of some backends pass over NaN. */
function extremesOf(pixels: ArrayLike<number>): [least: number, most: number, nan: number] {
  let [least, most, nan] = [Infinity, -Infinity, 0];
  for (let i = 0; i < pixels.length; i++) {
    const pixel = pixels[i]!;
    if (pixel < least) least = pixel;
    if (pixel > most) most = pixel;
    if (pixel !== pixel) nan++;
  }
  return [least, most, nan];
}
