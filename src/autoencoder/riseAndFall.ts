/** Of the learning rate, by the share of the training: up for a twentieth of it, then down along a cosine to a hundredth. */
export const riseAndFall = (share: number): number =>
  Math.min(1, 20 * share) * (0.505 + 0.495 * Math.cos(Math.PI * share));
