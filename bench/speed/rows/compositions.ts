import {
  add,
  conv2d,
  customGrad,
  depthwiseConv2d,
  div,
  mean,
  mul,
  pad,
  reshape,
  slice,
  square,
  sub,
  sum,
  tensor4d,
  tile,
  transpose,
} from '@tensorflow/tfjs-core';
import type { GradSaveFunc, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { gaussianTaps } from '../../../src/filters/window.js';

/**
 * The SSIM loss composed of tfjs ops: the competitors of the fused kernels, Gaussian window, `valid`, data
 * range 1, E[x²] − E[x]².
 */
export type Loss = (x: Tensor4D, y: Tensor4D) => Tensor1D;

const c1 = 0.01 ** 2;
const c2 = 0.03 ** 2;
const size = 11;
const taps = Float32Array.from(gaussianTaps(size, 1.5));

/** The usual formula with one depthwise 11×11 convolution for each map and tfjs's own gradient. */
export const naiveDepthwise: Loss = (x, y) => {
  const filter = tile(outerProduct(), [1, 1, x.shape[3], 1]);
  return textbookLoss(x, y, (map) => depthwiseConv2d(map, filter, 1, 'valid'));
};

/** The same with `conv2d`, for one channel: tfjs's wasm backend has its gradient. */
export const naiveConv: Loss = (x, y) => {
  const filter = outerProduct();
  return textbookLoss(x, y, (map) => conv2d(map, filter, 1, 'valid'));
};

function outerProduct(): Tensor4D {
  return tensor4d(
    Float32Array.from({ length: size * size }, (_, k) => taps[Math.floor(k / size)]! * taps[k % size]!),
    [size, size, 1, 1],
  );
}

function textbookLoss(x: Tensor4D, y: Tensor4D, filter: (map: Tensor4D) => Tensor4D): Tensor1D {
  const [muX, muY] = [filter(x), filter(y)];
  const varianceX = sub(filter(square(x)), square(muX));
  const varianceY = sub(filter(square(y)), square(muY));
  const covariance = sub(filter(mul(x, y)), mul(muX, muY));
  const ssim = div(
    mul(add(mul(mul(muX, muY), 2), c1), add(mul(covariance, 2), c2)),
    mul(add(add(square(muX), square(muY)), c1), add(add(varianceX, varianceY), c2)),
  );
  return sub(1, mean(ssim, [1, 2, 3]));
}

/** How an image is laid out in memory, and the window filter on that layout. */
interface Layout {
  readonly enter: (image: Tensor4D) => Tensor4D;
  readonly filter: (image: Tensor4D) => Tensor4D;
  readonly adjoint: (map: Tensor4D) => Tensor4D;
  readonly leave: (gradient: Tensor4D) => Tensor4D;
  /** Which entries of a filtered map count: none given, all. */
  readonly mask?: Tensor4D;
}

type Shape = readonly [number, number, number, number];

/**
 * Separable, with conv2d over one axis after the other: what a careful user of tfjs writes. Four filtered maps
 * forward and three back, the gradient in closed form.
 */
export const separable: Loss = (x, y) => composedLoss(x, y, separableLayout);

function separableLayout([batch, height, width, channels]: Shape): Layout {
  const filterOf = (h: number, w: number): Tensor4D => tensor4d(taps, [h, w, 1, 1]);
  const both = (image: Tensor4D, rows: number, columns: number, border: number): Tensor4D => {
    const [top, side] = [
      [border, border],
      [border, border],
    ] as [[number, number], [number, number]];
    const vertical = conv2d(
      reshape<Tensor4D['rankType']>(image, [batch, rows, columns * channels, 1]),
      filterOf(size, 1),
      1,
      [[0, 0], top, [0, 0], [0, 0]],
    );
    const left = rows + 2 * border - size + 1;
    const horizontal = conv2d(
      reshape<Tensor4D['rankType']>(vertical, [batch * left, columns, channels, 1]),
      filterOf(size, 1),
      1,
      [[0, 0], side, [0, 0], [0, 0]],
    );
    return reshape(horizontal, [batch, left, columns + 2 * border - size + 1, channels]);
  };
  return {
    enter: (image) => image,
    filter: (image) => both(image, height, width, 0),
    adjoint: (map) => both(map, height - size + 1, width - size + 1, size - 1),
    leave: (gradient) => gradient,
  };
}

/**
 * The fastest composition that we found: sixteen rows at a time are channels, [N, H / 16, W, C · 16], so that
 * the convolutions are matrix products (vertical) and depthwise over many channels (horizontal).
 */
export const blocked: Loss = (x, y) => composedLoss(x, y, blockedLayout);

const block = 16;

function blockedLayout([batch, height, width, channels]: Shape): Layout {
  const rows = height - size + 1;
  const blocks = Math.ceil(rows / block) + 1;
  const wide = channels * block;
  const inputBlocks = tensor4d(bandMatrices(false), [2, 1, block, block]);
  const outputBlocks = tensor4d(bandMatrices(true), [2, 1, block, block]);
  const along = tile(tensor4d(taps, [1, size, 1, 1]), [1, 1, wide, 1]);
  const valid = Float32Array.from({ length: (blocks - 1) * wide }, (_, k) =>
    Math.floor(k / wide) * block + (k % block) < rows ? 1 : 0,
  );
  return {
    mask: tensor4d(valid, [1, blocks - 1, 1, wide]),
    enter: (image) => {
      const padded = pad(image, [
        [0, 0],
        [0, blocks * block - height],
        [0, 0],
        [0, 0],
      ]);
      const inBlocks = reshape<Tensor4D['rankType']>(padded, [batch, blocks, block, width * channels]);
      return transpose(inBlocks, [0, 1, 3, 2]);
    },
    filter: (image) => {
      const vertical = conv2d(image, inputBlocks, 1, 'valid');
      const image4d = reshape<Tensor4D['rankType']>(vertical, [batch, blocks - 1, width, wide]);
      return depthwiseConv2d(image4d, along, 1, 'valid');
    },
    adjoint: (map) => {
      const horizontal = depthwiseConv2d(map, along, 1, [
        [0, 0],
        [0, 0],
        [size - 1, size - 1],
        [0, 0],
      ]);
      return conv2d(
        reshape<Tensor4D['rankType']>(horizontal, [batch, blocks - 1, width * channels, block]),
        outputBlocks,
        1,
        [
          [0, 0],
          [1, 1],
          [0, 0],
          [0, 0],
        ],
      );
    },
    leave: (gradient) => {
      const rowsFirst = reshape<Tensor4D['rankType']>(transpose(gradient, [0, 1, 3, 2]), [
        batch,
        blocks * block,
        width,
        channels,
      ]);
      return slice(rowsFirst, [0, 0, 0, 0], [batch, height, width, channels]);
    },
  };
}

/** The banded matrix of the taps over two neighbouring blocks of rows, or its transpose. */
function bandMatrices(transposed: boolean): Float32Array {
  const matrices = new Float32Array(2 * block * block);
  for (let out = 0; out < block; out++) {
    for (let k = 0; k < size; k++) {
      const [which, row] = [Math.floor((out + k) / block), (out + k) % block];
      const entry = transposed
        ? (1 - which) * block * block + out * block + row
        : which * block * block + row * block + out;
      matrices[entry] = taps[k]!;
    }
  }
  return matrices;
}

/** 1 − mean SSIM of every image; the gradient is with respect to y. */
function composedLoss(x: Tensor4D, y: Tensor4D, layoutOf: (shape: Shape) => Layout): Tensor1D {
  const { shape } = y;
  const [, height, width, channels] = shape;
  const count = (height - size + 1) * (width - size + 1) * channels;
  // In two steps: a float32 sum over millions of pixels at once is off by a percent.
  const total = (map: Tensor): Tensor1D => sum(sum(map, [2, 3]), 1);

  return customGrad<Tensor1D>((...given) => {
    const [image, reconstruction, save] = given as unknown as [Tensor4D, Tensor4D, GradSaveFunc];
    const layout = layoutOf(shape);
    const [u, v] = [layout.enter(image), layout.enter(reconstruction)];
    const [muU, muV] = [layout.filter(u), layout.filter(v)];
    const product = mul(muU, muV);
    const squares = add(square(muU), square(muV));
    const a1 = add(product, c1 / 2);
    const a2 = sub(add(layout.filter(mul(u, v)), (c1 + c2) / 2), a1);
    const b1 = add(squares, c1);
    const b2 = sub(add(layout.filter(add(square(u), square(v))), c1 + c2), b1);
    const whole = mul(b1, b2);
    const quarter = div(mul(a1, a2), whole); // SSIM / 4
    const counted = layout.mask === undefined ? quarter : mul(quarter, layout.mask);
    save([u, v, muU, muV, a1, a2, b1, b2, whole, quarter]);

    const gradFunc = (dy: Tensor1D, saved: Tensor[]): Tensor[] => {
      const [u, v, muU, muV, a1, a2, b1, b2, whole, quarter] = saved as Tensor4D[];
      const { adjoint, leave, mask } = layoutOf(shape);
      const factor = reshape(mul(dy, -4 / count), [-1, 1, 1, 1]);
      const scale = div(mask === undefined ? factor : mul(factor, mask), whole!);
      const ofProduct = mul<Tensor4D>(a1!, scale);
      const ofSquares = mul<Tensor4D>(mul(quarter!, b1!), scale); // negative
      const ofMean = mul<Tensor4D>(
        sub(mul(muU!, sub(a2!, a1!)), mul(mul(muV!, 2), mul(quarter!, sub(b2!, b1!)))),
        scale,
      );
      const gradient = add(
        adjoint(ofMean),
        sub(mul(u!, adjoint(ofProduct)), mul(mul(v!, 2), adjoint(ofSquares))),
      );
      return [dy, leave(gradient as Tensor4D)];
    };
    return { value: sub(1, mul(total(counted), 4 / count)), gradFunc };
  })(x, y);
}
