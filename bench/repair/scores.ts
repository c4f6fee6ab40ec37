import { thresholdAtMinimumArea } from '../../src/index.js';
import { medianOf } from '../../src/autoencoder/median.js';
import { largest, meanOfTop } from '../inspection/figures.js';
import type { Picture } from '../pictures/dataset.js';

type Score = (map: Float32Array, picture: Picture) => number;

const topMean =
  (share: number): Score =>
  (map) =>
    meanOfTop(map, share);
const area =
  (minimumArea: number): Score =>
  (map, { height, width }) =>
    thresholdAtMinimumArea(map, { height, width, minimumArea });
/** Without so many rows and columns along each edge. */
const within =
  (border: number, score: Score): Score =>
  (map, { height, width, ...rest }) => {
    const inner = map.filter((_, k) => {
      const [row, column] = [Math.floor(k / width), k % width];
      return row >= border && row < height - border && column >= border && column < width - border;
    });
    return score(inner, { ...rest, height: height - 2 * border, width: width - 2 * border });
  };
const overMedian =
  (score: Score): Score =>
  (map, picture) =>
    score(map, picture) / medianOf(map);

/** How anomalous an image is, by its map. */
export const scores: Readonly<Record<string, Score>> = {
  largest,
  'largest, inner 8': within(8, largest),
  'largest, inner 16': within(16, largest),
  'area 50': area(50),
  'area 150': area(150),
  'top 0.1 %': topMean(0.001),
  'top 0.5 %': topMean(0.005),
  'top 2 %': topMean(0.02),
  mean: topMean(1),
  'largest / median': overMedian(largest),
  'largest, inner 16 / median': overMedian(within(16, largest)),
};
