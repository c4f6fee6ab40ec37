// Rows of float64 numbers on their way in and out of a kernel, in AssemblyScript.

/** So many numbers as float32. */
export function toFloat32(from: usize, to: usize, count: i32): void {
  const whole = (<usize>(count >> 1)) << 3;
  for (let x: usize = 0; x < whole; x += 8) {
    v128.store64_lane(to + x, f32x4.demote_f64x2_zero(v128.load(from + 2 * x)), 0);
  }
  if (count & 1) store<f32>(to + whole, <f32>load<f64>(from + 2 * whole));
}

/** The mean over channels of each of so many pixels, as float32. */
export function meansOfPixels(from: usize, to: usize, pixels: i32, channels: i32): void {
  for (let pixel = 0; pixel < pixels; pixel++) {
    let sum: f64 = 0;
    for (let channel = 0; channel < channels; channel++, from += 8) sum += load<f64>(from);
    store<f32>(to + ((<usize>pixel) << 2), <f32>(sum / <f64>channels));
  }
}

/**
 * So many float32 numbers, times a factor, each as often as `copies` says: one number of a pixel holds for all its
 * channels.
 */
export function copyWeights(from: usize, to: usize, count: i32, copies: i32, factor: f64): void {
  if (copies == 1) {
    const splat = f64x2.splat(factor);
    const end = to + ((<usize>((count + 1) >> 1)) << 4);
    for (; to < end; from += 8, to += 16) {
      v128.store(to, f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(from)), splat));
    }
    return;
  }
  for (let k = 0; k < count; k++) {
    const value = <f64>load<f32>(from + ((<usize>k) << 2)) * factor;
    for (let copy = 0; copy < copies; copy++, to += 8) store<f64>(to, value);
  }
}
