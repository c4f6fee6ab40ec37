import type { Padding } from '../filters/paddings.js';
import type { Shape4D } from './pairOnArrays.js';

/** The sizes that the shaders reckon with. */
export interface Geometry {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly mapHeight: number;
  readonly mapWidth: number;
  /** The size with the border, and the border above and to the left of the image. */
  readonly paddedHeight: number;
  readonly paddedWidth: number;
  readonly top: number;
  readonly left: number;
  /**
   * Whether the images were halved: then their pixels are (x + y, x − y) and not (x, y), since the difference of two
   * means would lose what they share.
   */
  readonly halved: boolean;
}

/** The sizes of images, halved so often, under a window. */
export function geometryOf(
  [batch, fullHeight, fullWidth, channels]: Shape4D,
  [rows, columns]: readonly [rows: number, columns: number],
  padding: Padding,
  level = 0,
): Geometry {
  const [height, width] = [Math.ceil(fullHeight / 2 ** level), Math.ceil(fullWidth / 2 ** level)];
  const [lostRows, lostColumns] = padding === 'valid' ? [rows - 1, columns - 1] : [0, 0];
  const [mapHeight, mapWidth] = [height - lostRows, width - lostColumns];
  const [paddedHeight, paddedWidth] = [mapHeight + rows - 1, mapWidth + columns - 1];
  return {
    batch,
    height,
    width,
    channels,
    mapHeight,
    mapWidth,
    paddedHeight,
    paddedWidth,
    top: (paddedHeight - height) / 2,
    left: (paddedWidth - width) / 2,
    halved: level > 0,
  };
}
