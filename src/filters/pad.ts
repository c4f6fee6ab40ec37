import { add, concat, pad as padZeros, reshape, reverse, slice, sum, tile } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { linear } from '../operations/withGradient.js';
import { axisView, withLength } from './axisView.js';
import type { Padding } from './paddings.js';
import type { Window } from './window.js';

/**
 * The image with a border of half a window on every side, so that a filtered map has the image's size;
 * `valid` adds none.
 *
 * Its own gradient, since the one that tfjs has for mirrorPad is wrong on every backend.
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

function extend(x: Tensor3D, border: number, padding: Exclude<Padding, 'valid'>): Tensor3D {
  const length = x.shape[1];
  switch (padding) {
    case 'zero':
      return padZeros(x, [
        [0, 0],
        [border, border],
        [0, 0],
      ]);
    case 'edge':
      return concat(
        [tile(part(x, 0, 1), [1, border, 1]), x, tile(part(x, length - 1, 1), [1, border, 1])],
        1,
      );
    case 'reflect':
    case 'symmetric': {
      const skipped = padding === 'reflect' ? 1 : 0;
      const first = reverse(part(x, skipped, border), 1);
      const last = reverse(part(x, length - border - skipped, border), 1);
      return concat([first, x, last], 1);
    }
  }
}

function fold(dy: Tensor3D, border: number, padding: Exclude<Padding, 'valid'>): Tensor3D {
  const length = dy.shape[1] - 2 * border;
  const centre = part(dy, border, length);
  if (padding === 'zero') return centre;

  const first = part(dy, 0, border);
  const last = part(dy, border + length, border);
  const [copiesOfFirst, copiesOfLast, skipped] =
    padding === 'edge'
      ? [sum(first, 1, true), sum(last, 1, true), 0]
      : [reverse(first, 1), reverse(last, 1), padding === 'reflect' ? 1 : 0];
  return add(
    centre,
    add(at(copiesOfFirst as Tensor3D, skipped, length), atEnd(copiesOfLast as Tensor3D, skipped, length)),
  );
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

/** Among zeros, so that it ends `distance` before the end of `length`. */
function atEnd(x: Tensor3D, distance: number, length: number): Tensor3D {
  return at(x, length - distance - x.shape[1], length);
}
