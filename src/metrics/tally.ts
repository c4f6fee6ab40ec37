import { checkOptionNames, checkWhole } from '../checks/options.js';

/** How much an accumulator keeps. */
export interface AccumulatorOptions {
  /**
   * Up to this number of scores, each is kept, in 4 bytes if float32 holds it and in 8 if not, and figures are
   * exact. Beyond it, scores are counted in bins.
   * @default 1048576
   */
  readonly exactUpTo?: number;
  /**
   * Bins over all float32 values, a power of two from 2¹⁰ to 2²⁴. They are the same for all data: of 2ᵇ, each
   * power of two has 2ᵇ⁻⁹, so that a bin is 2⁹⁻ᵇ of its score wide.
   * @default 1048576
   */
  readonly bins?: number;
}

/** A figure, and how far it may be from the exact one. */
export interface BoundedFigure {
  /** The figure. */
  readonly value: number;
  /** The exact figure is in value ± errorBound; 0 where every score was kept. */
  readonly errorBound: number;
}

/** {@link AccumulatorOptions}, checked. */
export type Capacity = Required<AccumulatorOptions>;

export function resolveCapacity(functionName: string, options: AccumulatorOptions): Capacity {
  checkOptionNames(functionName, options, ['exactUpTo', 'bins']);
  return checkCapacity(functionName, options.exactUpTo ?? 2 ** 20, options.bins ?? 2 ** 20);
}

export function checkCapacity(functionName: string, givenExactUpTo: unknown, givenBins: unknown): Capacity {
  const exactUpTo = checkWhole(`${functionName}: exactUpTo`, givenExactUpTo, { least: 0 });
  const bins = checkWhole(`${functionName}: bins`, givenBins, { least: 2 ** 10, most: 2 ** 24 });
  if (!Number.isInteger(Math.log2(bins))) {
    throw new RangeError(`${functionName}: bins must be a power of two, but got ${bins}.`);
  }
  return { exactUpTo, bins };
}

/** What a kind of accumulator gathers: parts that are kept as they come, or counts of bins. */
export interface Gathering<Kept, Binned> {
  readonly noneKept: () => Kept;
  readonly noneBinned: (bins: number) => Binned;
  /** How many scores a part has. */
  readonly countOf: (part: Kept) => number;
  /** Appends a part to what is kept, which may be that part itself. */
  readonly keep: (kept: Kept, part: Kept) => void;
  /** Counts a part in bins. */
  readonly bin: (binned: Binned, part: Kept, bins: number) => void;
  /** Adds counts to counts, which may be the same. */
  readonly sum: (binned: Binned, other: Binned) => void;
}

/** One of two: all parts as they came, or counts of bins. */
export type Contents<Kept, Binned> = { readonly kept: Kept } | { readonly binned: Binned };

/** What an accumulator has gathered: all of it while that is no more than `exactUpTo`, in bins when it is. */
export class Tally<Kept, Binned> {
  declare private readonly gathering: Gathering<Kept, Binned>;
  declare readonly capacity: Capacity;
  declare count: number;
  declare private contents: Contents<Kept, Binned>;

  constructor(
    gathering: Gathering<Kept, Binned>,
    capacity: Capacity,
    contents: Contents<Kept, Binned> = { kept: gathering.noneKept() },
    count = 0,
  ) {
    this.gathering = gathering;
    this.capacity = capacity;
    this.contents = contents;
    this.count = count;
  }

  /** Whether all is there as it came, so that figures are exact. */
  get isExact(): boolean {
    return 'kept' in this.contents;
  }

  /** What either of the two says. */
  read<Result>(ofKept: (kept: Kept) => Result, ofBinned: (binned: Binned) => Result): Result {
    return 'kept' in this.contents ? ofKept(this.contents.kept) : ofBinned(this.contents.binned);
  }

  add(part: Kept): void {
    const { gathering, capacity, contents } = this;
    this.count += gathering.countOf(part);
    if ('kept' in contents && this.count <= capacity.exactUpTo) gathering.keep(contents.kept, part);
    else gathering.bin(this.binned(), part, capacity.bins);
  }

  /** Both must keep the same: the figure would depend on the order of merges otherwise. */
  merge(functionName: string, other: Tally<Kept, Binned>): void {
    for (const name of ['exactUpTo', 'bins'] as const) {
      const [own, another] = [this.capacity[name], other.capacity[name]];
      if (own === another) continue;
      throw new RangeError(
        `${functionName}: both accumulators must have the same ${name}, but got ${own} and ${another}.`,
      );
    }
    other.read(
      (kept) => this.add(kept),
      (binned) => {
        this.gathering.sum(this.binned(), binned);
        this.count += other.count;
      },
    );
  }

  /** Without any scores there is no figure, not even a perfect one. */
  checkFilled(functionName: string): void {
    if (this.count > 0) return;
    throw new RangeError(
      `${functionName}: nothing has been added yet, so there is no figure; call add, or merge one that has seen something.`,
    );
  }

  /** The bins, into which it puts what has been kept so far. */
  private binned(): Binned {
    if ('binned' in this.contents) return this.contents.binned;
    const { bins } = this.capacity;
    const binned = this.gathering.noneBinned(bins);
    this.gathering.bin(binned, this.contents.kept, bins);
    this.contents = { binned };
    return binned;
  }
}

/** Appends to a list what may be the list itself. */
export function append<Entry>(list: Entry[], more: readonly Entry[]): void {
  const { length } = more;
  for (let i = 0; i < length; i++) list.push(more[i]!);
}
