/** Which neighbours touch: 4 share an edge, 8 an edge or a corner. */
export type Connectivity = 4 | 8;

/** The connected regions of a mask as horizontal runs of pixels. */
export interface LabelledRuns {
  readonly runs: number;
  /** First pixel of each run, as an index into the image. */
  readonly starts: Int32Array;
  /** One past its last pixel. */
  readonly ends: Int32Array;
  /** Its region, 0 … count − 1, in the order of their first pixels. */
  readonly regions: Int32Array;
  readonly count: number;
  /** Pixels of each region. */
  readonly areas: Int32Array;
}

/**
 * Two passes over runs, not pixels: every run is joined with those it touches in the row above, the lower
 * index being the root of its region, and then takes its root's number.
 */
export function labelledRuns(
  mask: Uint8Array,
  height: number,
  width: number,
  connectivity: Connectivity,
): LabelledRuns {
  let starts: Int32Array = new Int32Array(1024);
  let ends: Int32Array = new Int32Array(1024);
  let parents: Int32Array = new Int32Array(1024);
  let runs = 0;
  const reach = connectivity === 8 ? 1 : 0;
  const rootOf = (run: number): number => {
    while (parents[run] !== run) {
      parents[run] = parents[parents[run]!]!;
      run = parents[run]!;
    }
    return run;
  };

  // The runs of the row above that no run so far has passed, and those of this row.
  let [above, aboveEnd, first, row] = [0, 0, 0, -1];
  const pixels = height * width;
  const words =
    mask.byteOffset % 4 === 0 ? new Uint32Array(mask.buffer, mask.byteOffset, mask.length >> 2) : undefined;
  for (let i = 0; ;) {
    i = endOfRun(mask, words, 0, i, pixels);
    if (i >= pixels) break;
    const start = i;
    const y = Math.floor(start / width);
    if (y !== row) {
      [above, aboveEnd] = y === row + 1 ? [first, runs] : [runs, runs];
      [first, row] = [runs, y];
    }
    const rowEnd = (y + 1) * width;
    i = endOfRun(mask, words, 1, i, rowEnd);
    const end = i;
    if (runs === starts.length) {
      [starts, ends, parents] = [doubled(starts), doubled(ends), doubled(parents)];
    }
    starts[runs] = start;
    ends[runs] = end;
    parents[runs] = runs;
    while (above < aboveEnd && ends[above]! + width + reach <= start) above++;
    for (let other = above; other < aboveEnd && starts[other]! + width < end + reach; other++) {
      const [a, b] = [rootOf(runs), rootOf(other)];
      if (a < b) parents[b] = a;
      else parents[a] = b;
    }
    runs++;
  }

  const regions = new Int32Array(runs);
  let count = 0;
  for (let run = 0; run < runs; run++) {
    const root = rootOf(run);
    regions[run] = root === run ? count++ : regions[root]!;
  }
  const areas = new Int32Array(count);
  for (let run = 0; run < runs; run++) areas[regions[run]!]! += ends[run]! - starts[run]!;
  return { runs, starts, ends, regions, count, areas };
}

/** Where pixels of this value end, from `i` on: four at a time as soon as they can be read so. */
function endOfRun(
  mask: Uint8Array,
  words: Uint32Array | undefined,
  value: 0 | 1,
  i: number,
  end: number,
): number {
  while (i < end && mask[i] === value) {
    i++;
    if (words === undefined || (i & 3) !== 0) continue;
    const four = value === 0 ? 0 : 0x01010101;
    while (i + 4 <= end && words[i >> 2] === four) i += 4;
  }
  return i;
}

function doubled(array: Int32Array): Int32Array {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}
