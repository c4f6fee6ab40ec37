import { add, concat, pad as padZeros, reshape, reverse, slice, sum, tile } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { linear } from '../operations/withGradient.js';
import { axisView, withLength } from './axisView.js';
import { borders, sourceOf } from './paddings.js';
import type { End, Padding } from './paddings.js';
import type { Window } from './window.js';

/**
 * The image with a border of half a window on every side, so that a filtered map has the image's size;
 * `valid` adds none.
 *
 * It has its own gradient, since tfjs's gradient of mirrorPad is wrong on every backend.
 */
export function padForWindow<T extends Tensor>(image: T, window: Window, padding: Padding): T {
  if (padding === 'valid') return image;
  return window.reduce(
    (padded, taps, index) => padAxis(padded, index + 1, (taps.length - 1) / 2, padding),
    image,
  );
}

function padAxis<T extends Tensor>(
  x: T,
  axis: number,
  border: number,
  padding: Exclude<Padding, 'valid'>,
): T {
  if (border === 0) return x;
  const { shape } = x;
  const length = shape[axis] ?? 1;
  return linear(
    x,
    (given) => {
      const view = axisView(given, axis);
      const padded = extend(view, border, padding);
      return reshape(padded, withLength(shape, axis, length + 2 * border)) as T;
    },
    (dy) => foldAxis(dy, axis, border, padding),
  );
}

/** The adjoint of {@link padAxis}: what lies on the border is added to the pixels that it is a copy of. */
function foldAxis<T extends Tensor>(
  dy: T,
  axis: number,
  border: number,
  padding: Exclude<Padding, 'valid'>,
): T {
  const { shape } = dy;
  const length = (shape[axis] ?? 1) - 2 * border;
  return linear(
    dy,
    (given) => reshape(fold(axisView(given, axis), border, padding), withLength(shape, axis, length)) as T,
    (dx) => padAxis(dx, axis, border, padding),
  );
}

function extend(x: Tensor3D, width: number, padding: Exclude<Padding, 'valid'>): Tensor3D {
  const size = x.shape[1];
  const border = borders[padding];
  if (border === undefined) {
    return padZeros(x, [
      [0, 0],
      [width, width],
      [0, 0],
    ]);
  }
  const copied = (end: End, place: number): Tensor3D => {
    const [sign] = end;
    const pixels = part(x, firstCopied(end, place, width, size), sign === 0 ? 1 : width);
    if (sign === 0) return tile(pixels, [1, width, 1]);
    return sign > 0 ? pixels : reverse(pixels, 1);
  };
  return concat([copied(border.before, -width), x, copied(border.after, size)], 1);
}

function fold(dy: Tensor3D, width: number, padding: Exclude<Padding, 'valid'>): Tensor3D {
  const size = dy.shape[1] - 2 * width;
  const centre = part(dy, width, size);
  const border = borders[padding];
  if (border === undefined) return centre;
  const returned = (end: End, place: number): Tensor3D => {
    const [sign] = end;
    const copies = part(dy, place + width, width);
    const pixels = sign === 0 ? sum(copies, 1, true) : sign > 0 ? copies : reverse(copies, 1);
    return at(pixels as Tensor3D, firstCopied(end, place, width, size), size);
  };
  return add(centre, add(returned(border.before, -width), returned(border.after, size)));
}

/** The first pixel of those that `width` places from `place` on are copies of. */
function firstCopied(end: End, place: number, width: number, size: number): number {
  const [sign] = end;
  return sourceOf(end, sign < 0 ? place + width - 1 : place, size);
}

/** `size` entries along the middle axis. */
function part(x: Tensor3D, start: number, size: number): Tensor3D {
  return slice(x, [0, start, 0], [x.shape[0], size, x.shape[2]]);
}

/** Among zeros, so that it starts at `start` of `length`. */
function at(x: Tensor3D, start: number, length: number): Tensor3D {
  return padZeros(x, [
    [0, 0],
    [start, length - start - x.shape[1]],
    [0, 0],
  ]);
}
