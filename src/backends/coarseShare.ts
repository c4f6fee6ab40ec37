/** Halving transposed, for shaders: what a pixel's line has in the mean of two; all if it is the last of an odd number. */
export const coarseShare = (): string => `
    float coarseShare(int line, int size) {
      if (line == size - 1 && line / 2 * 2 == line) { return 1.0; }
      return 0.5;
    }`;
