/** What `auPimo` of an accumulator gives: an entry for each image with a defect, by name. */
export interface NamedAuPimo {
  /** The names of the images with a defect, in the order of their characters. */
  readonly names: readonly string[];
  /** Their AUPIMO. */
  readonly scores: Float64Array;
  /** How far each may be from the exact one; 0 where every score was kept. */
  readonly errorBounds: Float64Array;
}
