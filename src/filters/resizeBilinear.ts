import { matMul, reshape, tensor2d, transpose } from '@tensorflow/tfjs-core';
import type { Rank, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { linear } from '../operations/withGradient.js';
import { placesBetween } from './bilinear.js';

/**
 * Maps of one channel, resized, [N, h, w, 1] → [N, H, W, 1]: bilinear, pixel centres at half
 * pixels, edge values beyond the outermost centres (what PyTorch calls `align_corners=False`).
 *
 * Two products with small matrices: unlike tfjs's own resize it has a gradient on every backend.
 */
export function resizeBilinear(map: Tensor4D, size: readonly [height: number, width: number]): Tensor4D {
  const [, height, width] = map.shape;
  if (height === size[0] && width === size[1]) return map;
  const rows = interpolationMatrix(height, size[0]);
  const columns = interpolationMatrix(width, size[1]);
  return linear<Tensor4D, Tensor4D>(
    map,
    (given) => applyToBothAxes(given, rows, columns, size, false),
    (dy) => applyToBothAxes(dy, rows, columns, [height, width], true),
  );
}

/** A row-major matrix, plain numbers: tensors made here would not outlive the caller's tidy. */
interface Matrix {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

function applyToBothAxes(
  map: Tensor4D,
  rows: Matrix,
  columns: Matrix,
  [height, width]: readonly [number, number],
  transposed: boolean,
): Tensor4D {
  const [count, oldHeight, oldWidth] = map.shape;
  const along = (values: Tensor4D, matrix: Matrix, length: number): Tensor =>
    matMul(
      reshape(values, [-1, length]),
      tensor2d(matrix.values, [matrix.rows, matrix.columns]),
      false,
      !transposed,
    );
  const wide = reshape<Rank.R4>(along(map, columns, oldWidth), [count, oldHeight, width, 1]);
  const turned = transpose(wide, [0, 2, 1, 3]);
  const resized = reshape<Rank.R4>(along(turned, rows, oldHeight), [count, width, height, 1]);
  return transpose(resized, [0, 2, 1, 3]);
}

/** [to, from]: each row holds the two weights that make one new value. */
function interpolationMatrix(from: number, to: number): Matrix {
  const values = new Float32Array(to * from);
  const { first, second, share } = placesBetween(from, to);
  for (let i = 0; i < to; i++) {
    values[i * from + first[i]!]! += 1 - share[i]!;
    values[i * from + second[i]!]! += share[i]!;
  }
  return { values, rows: to, columns: from };
}
