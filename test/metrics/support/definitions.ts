/** The metrics as they are defined, threshold by threshold and pair by pair: slow, and plain. */
export interface Images {
  readonly height: number;
  readonly width: number;
  readonly maps: readonly (readonly number[])[];
  readonly masks: readonly (readonly number[])[];
}

/** P(s⁺ > s⁻) + ½ P(s⁺ = s⁻), pair by pair. */
export function pairwiseAuc(scores: readonly number[], labels: readonly number[]): number {
  let [wins, pairs] = [0, 0];
  scores.forEach((positive, i) => {
    if (labels[i] !== 1) return;
    scores.forEach((negative, j) => {
      if (labels[j] !== 0) return;
      pairs++;
      wins += positive > negative ? 1 : positive === negative ? 0.5 : 0;
    });
  });
  return wins / pairs;
}

/** The distinct values from the highest down. */
export const descending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => b - a);

/** The regions of a mask by flood fill: sets of pixels in the order of their first. */
export function floodFilled(
  mask: ArrayLike<number>,
  height: number,
  width: number,
  connectivity: 4 | 8,
): number[][] {
  const seen = new Set<number>();
  const regions: number[][] = [];
  for (let start = 0; start < height * width; start++) {
    if (mask[start] !== 1 || seen.has(start)) continue;
    const region = [start];
    seen.add(start);
    for (let k = 0; k < region.length; k++) {
      const [y, x] = [Math.floor(region[k]! / width), region[k]! % width];
      for (const dy of [-1, 0, 1]) {
        for (const dx of [-1, 0, 1]) {
          if (connectivity === 4 && dy !== 0 && dx !== 0) continue;
          if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) continue;
          const next = (y + dy) * width + x + dx;
          if (mask[next] !== 1 || seen.has(next)) continue;
          seen.add(next);
          region.push(next);
        }
      }
    }
    regions.push(region);
  }
  return regions;
}

/** The PRO curve by its definition, as [FPR, PRO] at every threshold from the highest down. */
export function proPoints({ height, width, maps, masks }: Images): (readonly [number, number])[] {
  const regions = masks.flatMap((mask, image) =>
    floodFilled(mask, height, width, 8).map((region) => ({ image, region })),
  );
  const good = maps.flatMap((map, image) => map.filter((_, i) => masks[image]![i] === 0));
  const share = (values: readonly number[], t: number): number =>
    values.filter((value) => value >= t).length / values.length;
  return [Infinity, ...descending(maps.flat())].map((t) => {
    const overlaps = regions.map(({ image, region }) =>
      share(
        region.map((i) => maps[image]![i]!),
        t,
      ),
    );
    return [share(good, t), overlaps.reduce((sum, overlap) => sum + overlap, 0) / overlaps.length] as const;
  });
}

/** The area under straight lines between points, up to a limit, divided by it. */
export function areaTo(points: readonly (readonly [number, number])[], limit: number): number {
  let area = 0;
  for (let k = 1; k < points.length; k++) {
    const [[x0, y0], [x1, y1]] = [points[k - 1]!, points[k]!];
    const end = Math.min(x1, limit);
    if (end <= x0) continue;
    const yEnd = y0 + ((y1 - y0) * (end - x0)) / (x1 - x0);
    area += ((end - x0) * (y0 + yEnd)) / 2;
  }
  return area / limit;
}

/** An opening by its definition: a disk stays where all of its pixels in the image lie in the mask. */
export function openedByDefinition(
  mask: readonly number[],
  height: number,
  width: number,
  radius: number,
): number[] {
  const disk = (y: number, x: number): number[] => {
    const pixels: number[] = [];
    for (let v = 0; v < height; v++) {
      for (let u = 0; u < width; u++) {
        if ((v - y) ** 2 + (u - x) ** 2 <= radius ** 2) pixels.push(v * width + u);
      }
    }
    return pixels;
  };
  const opened = mask.map(() => 0);
  mask.forEach((_, i) => {
    const pixels = disk(Math.floor(i / width), i % width);
    if (pixels.every((p) => mask[p] === 1)) for (const p of pixels) opened[p] = 1;
  });
  return opened;
}
