import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { instantiate } from '../backends/instantiate.js';
import type { WasmBackend } from '../backends/wasm.js';
import { convolutionsCode } from './assembly/convolutionsCode.js';
import { addressOf, memoryOf } from './backendMemory.js';

/** What assembly/convolutions.ts exports. */
interface ConvolutionsModule {
  configure(channels: number, width: number, filterRows: number, rowFloats: number, columns: number): void;
  copyPadded(
    from: number,
    height: number,
    width: number,
    top: number,
    left: number,
    rows: number,
    to: number,
  ): void;
  placePixels(
    table: number,
    scratch: number,
    rows: number,
    count: number,
    strideRows: number,
    strideColumns: number,
  ): void;
  packPanels(from: number, rows: number, to: number): void;
  correlate(table: number, pixels: number, panels: number, to: number, outBytes: number, spare: number): void;
  addRow(to: number, rows: number, from: number): void;
  gatherTaps(table: number, pixels: number, panels: number, to: number, spare: number): void;
  regroup(
    from: number,
    to: number,
    filterRows: number,
    filterColumns: number,
    inChannels: number,
    outChannels: number,
    strideRows: number,
    strideColumns: number,
  ): void;
  spreadRows(
    from: number,
    rows: number,
    positions: number,
    strideRows: number,
    blockFloats: number,
    firstRow: number,
    height: number,
    skipFloats: number,
    image: number,
    rowFloats: number,
  ): void;
}

/** How a filter slides along one axis of the images. */
export interface Axis {
  /** Places of the images. */
  readonly input: number;
  /** Positions of the filter. */
  readonly output: number;
  /** Places of the filter. */
  readonly filter: number;
  readonly stride: number;
  /** Zeros before the first place, < 0 if so many places are left out. */
  readonly before: number;
}

/** A convolution [N, H, W, C] * [R, S, C, K] → [N, H', W', K]. */
export interface Convolution {
  readonly batch: number;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly channels: number;
  readonly depth: number;
}

/** As tfjs describes it. */
export const convolutionOf = (info: backend_util.Conv2DInfo): Convolution => ({
  batch: info.batchSize,
  rows: {
    input: info.inHeight,
    output: info.outHeight,
    filter: info.filterHeight,
    stride: info.strideHeight,
    before: info.padInfo.top,
  },
  columns: {
    input: info.inWidth,
    output: info.outWidth,
    filter: info.filterWidth,
    stride: info.strideWidth,
    before: info.padInfo.left,
  },
  channels: info.inChannels,
  depth: info.outChannels,
});

/** Numbers of the images in a tile, which lies in the cache while every panel meets it. */
const mostOfTile = { correlation: 12288, gathering: 4096 } as const;
/** Pixels of a tile. */
const mostPixels = 1024;
/** Numbers that the module may read beyond what it needs. */
const slack = 16;
/** Numbers of a block of four by eight. */
const blockFloats = 32;

/** Convolutions and their gradients on a backend's memory. */
export class Convolutions {
  constructor(
    private readonly backend: WasmBackend,
    private readonly module: ConvolutionsModule,
  ) {}

  /** x * w, with a number for each of its channels added. */
  output(
    x: TensorInfo,
    filter: TensorInfo,
    bias: TensorInfo | undefined,
    convolution: Convolution,
  ): TensorInfo {
    const { batch, rows, columns, depth } = convolution;
    const out = this.backend.makeOutput([batch, rows.output, columns.output, depth], 'float32');
    const [from, weights, to] = [x, filter, out].map((info) => addressOf(this.backend, info)) as Three;
    const added = bias && addressOf(this.backend, bias);
    this.correlate(from, weights, convolution, (place, tile) => {
      const made = place(to);
      if (added !== undefined) this.module.addRow(made, tile.images * tile.rows * columns.output, added);
    });
    return out;
  }

  /** The gradient in x, of any strides: see `fasterConv2dBackpropInput`. */
  inputGradient(dy: TensorInfo, filter: TensorInfo, convolution: Convolution): TensorInfo {
    const { batch, channels, depth } = convolution;
    const [rows, columns] = [remainders(convolution.rows), remainders(convolution.columns)];
    const { backend, module } = this;
    const dx = backend.makeOutput(
      [batch, convolution.rows.input, convolution.columns.input, channels],
      'float32',
    );
    const wide = rows.stride * columns.stride * channels;
    const regrouped = backend.makeOutput([rows.axis.filter, columns.axis.filter, depth, wide], 'float32');
    const [from, weights, filters, to] = [dy, filter, regrouped, dx].map((info) =>
      addressOf(backend, info),
    ) as [number, number, number, number];
    const { rows: down, columns: across } = convolution;
    module.regroup(
      weights,
      filters,
      down.filter,
      across.filter,
      channels,
      depth,
      rows.stride,
      columns.stride,
    );
    const correlation = { batch, rows: rows.axis, columns: columns.axis, channels: depth, depth: wide };
    const rowFloats = across.input * channels;
    const isWhole = rows.stride === 1 && columns.stride === 1;
    this.correlate(
      from,
      filters,
      correlation,
      isWhole
        ? (place) => place(to)
        : (place, tile) => {
            const made = place();
            for (let image = 0; image < tile.images; image++) {
              module.spreadRows(
                made + 4 * image * tile.rows * columns.axis.output * wide,
                tile.rows,
                columns.axis.output,
                rows.stride,
                columns.stride * channels,
                rows.first + tile.firstRow * rows.stride,
                down.input,
                -columns.first * channels,
                to + 4 * (tile.firstImage + image) * down.input * rowFloats,
                rowFloats,
              );
            }
          },
    );
    backend.disposeData(regrouped.dataId);
    return dx;
  }

  /** The gradient in w. */
  filterGradient(x: TensorInfo, dy: TensorInfo, convolution: Convolution): TensorInfo {
    const { rows, columns, channels, depth } = convolution;
    const { backend, module } = this;
    const dw = backend.makeOutput([rows.filter, columns.filter, channels, depth], 'float32');
    const plan = tilesOf(convolution, mostOfTile.gathering);
    const scratch = this.scratch(plan, plan.pixels * panelFloats(depth));
    const [from, slopes, to] = [x, dy, dw].map((info) => addressOf(backend, info)) as Three;
    backend.typedArrayFromHeap(dw).fill(0);
    this.configure(convolution, plan);
    for (const tile of plan.tiles) {
      this.fill(from, convolution, plan, tile, scratch);
      const first = (tile.firstImage * rows.output + tile.firstRow) * columns.output;
      const pixels = tile.images * tile.rows * columns.output;
      module.packPanels(slopes + 4 * first * depth, pixels, scratch.extra);
      module.gatherTaps(scratch.table, pixels, scratch.extra, to, scratch.spare);
    }
    backend.disposeData(scratch.info.dataId);
    return dw;
  }

  /**
   * Correlates tile by tile. `take` gets, beside each tile, what puts its pixels [images, rows, columns, depth] into a
   * batch of outputs at an address, or without one into a scratch, whose address it gives.
   */
  private correlate(
    from: number,
    weights: number,
    convolution: Convolution,
    take: (place: (to?: number) => number, tile: Tile) => void,
  ): void {
    const { rows, columns, channels, depth } = convolution;
    const { module } = this;
    const plan = tilesOf(convolution, mostOfTile.correlation);
    const length = rows.filter * columns.filter * channels;
    const scratch = this.scratch(plan, length * panelFloats(depth) + plan.pixels * depth);
    const made = scratch.extra + 4 * length * panelFloats(depth);
    this.configure(convolution, plan);
    module.packPanels(weights, length, scratch.extra);
    for (const tile of plan.tiles) {
      this.fill(from, convolution, plan, tile, scratch);
      const first = (tile.firstImage * rows.output + tile.firstRow) * columns.output;
      const pixels = tile.images * tile.rows * columns.output;
      take((to) => {
        const target = to === undefined ? made : to + 4 * first * depth;
        module.correlate(scratch.table, pixels, scratch.extra, target, 4 * depth, scratch.spare);
        return target;
      }, tile);
    }
    this.backend.disposeData(scratch.info.dataId);
  }

  private configure({ rows, columns, channels, depth }: Convolution, { width }: Tiles): void {
    this.module.configure(channels, width, rows.filter, columns.filter * channels, depth);
  }

  /** Brings the images of a tile into the scratch. */
  private fill(
    from: number,
    { rows, columns, channels }: Convolution,
    { width }: Tiles,
    { firstImage, images, firstRow, rows: count }: Tile,
    scratch: Scratch,
  ): void {
    const filled = (count - 1) * rows.stride + rows.filter;
    const top = firstRow * rows.stride - rows.before;
    for (let image = 0; image < images; image++) {
      const place = scratch.images + 4 * image * filled * width * channels;
      this.module.copyPadded(
        from + 4 * (firstImage + image) * rows.input * columns.input * channels,
        ...([rows.input, columns.input, top, -columns.before, filled, place] as const),
      );
      const table = scratch.table + 4 * image * count * columns.output;
      this.module.placePixels(table, place, count, columns.output, rows.stride, columns.stride);
    }
  }

  /** One piece of the backend's memory for all that a convolution needs on the way, and for so many numbers more. */
  private scratch({ floats, pixels }: Tiles, extra: number): Scratch {
    const table = floats + slack;
    const spare = table + pixels + 4;
    const rest = spare + blockFloats;
    const info = this.backend.makeOutput([rest + extra], 'float32');
    const images = addressOf(this.backend, info);
    return { info, images, table: images + 4 * table, spare: images + 4 * spare, extra: images + 4 * rest };
  }
}

type Three = [number, number, number];

/** Addresses. */
interface Scratch {
  readonly info: TensorInfo;
  readonly images: number;
  readonly table: number;
  readonly spare: number;
  readonly extra: number;
}

/** So many whole images, or rows of one. */
interface Tile {
  readonly firstImage: number;
  readonly images: number;
  readonly firstRow: number;
  readonly rows: number;
}

interface Tiles {
  /** Of an image with what is around it. */
  readonly width: number;
  /** The most numbers and pixels of a tile. */
  readonly floats: number;
  readonly pixels: number;
  readonly tiles: readonly Tile[];
}

function tilesOf({ batch, rows, columns, channels }: Convolution, mostFloats: number): Tiles {
  const [height, width] = [rows, columns].map(
    ({ output, stride, filter }) => (output - 1) * stride + filter,
  ) as [number, number];
  const rowFloats = width * channels;
  const images = Math.min(
    Math.floor(mostFloats / (height * rowFloats)),
    Math.floor(mostPixels / (rows.output * columns.output)),
  );
  const tiles: Tile[] = [];
  if (images > 0) {
    for (let firstImage = 0; firstImage < batch; firstImage += images) {
      const count = Math.min(images, batch - firstImage);
      tiles.push({ firstImage, images: count, firstRow: 0, rows: rows.output });
    }
    const most = Math.min(images, batch);
    return {
      width,
      floats: most * height * rowFloats,
      pixels: most * rows.output * columns.output,
      tiles,
    };
  }
  const room = Math.floor((mostFloats / rowFloats - rows.filter) / rows.stride) + 1;
  const count = Math.max(1, Math.min(room, Math.floor(mostPixels / columns.output), rows.output));
  for (let firstImage = 0; firstImage < batch; firstImage++) {
    for (let firstRow = 0; firstRow < rows.output; firstRow += count) {
      tiles.push({ firstImage, images: 1, firstRow, rows: Math.min(count, rows.output - firstRow) });
    }
  }
  const floats = ((count - 1) * rows.stride + rows.filter) * rowFloats;
  return { width, floats, pixels: count * columns.output, tiles };
}

/** Numbers of a row of all panels. */
function panelFloats(depth: number): number {
  const rest = depth % 8;
  return depth - rest + (rest === 0 ? 0 : rest > 4 ? 8 : 4);
}

interface Remainders {
  readonly stride: number;
  /** The place of the image that the first position and remainder make; it may lie before the image. */
  readonly first: number;
  /** Of the convolution of stride 1 over dy. */
  readonly axis: Axis;
}

/** Along one axis: every position q of dy's convolution makes `stride` places of dx, from q · stride − before on. */
function remainders({ input, output, filter, stride: given, before }: Axis): Remainders {
  // A single place of dy spreads over the filter whatever the stride: in one block, if that is the filter's size.
  const stride = output === 1 ? filter : given;
  const first = Math.floor(before / stride);
  const last = Math.floor((input - 1 + before) / stride);
  const taps = Math.ceil(filter / stride);
  return {
    stride,
    first: first * stride - before,
    axis: { input: output, output: last - first + 1, filter: taps, stride: 1, before: taps - 1 - first },
  };
}

let latest:
  { readonly memory: WebAssembly.Memory; readonly module: ConvolutionsModule | undefined } | undefined;

/** Undefined where the backend's memory does not show, or WebAssembly's SIMD is missing. */
export function convolutionsOn(backend: WasmBackend): Convolutions | undefined {
  const memory = memoryOf(backend);
  if (memory === undefined) return undefined;
  if (latest?.memory !== memory) latest = { memory, module: moduleOn(memory) };
  return latest.module && new Convolutions(backend, latest.module);
}

function moduleOn(memory: WebAssembly.Memory): ConvolutionsModule | undefined {
  try {
    return instantiate<ConvolutionsModule>(convolutionsCode, { env: { memory } });
  } catch {
    return undefined;
  }
}
