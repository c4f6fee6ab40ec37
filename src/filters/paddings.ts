/**
 * What lies beyond the border. `valid`: nothing, the window stays inside and the map is smaller.
 * `reflect`: the mirror image without the edge pixel (cb|abc|ba). `symmetric`: with it (ba|abc|cb).
 * `edge`: the edge pixel again (aa|abc|cc). `zero`: zeros.
 */
export type Padding = 'valid' | 'reflect' | 'symmetric' | 'edge' | 'zero';

/** The names of {@link Padding}. */
export const paddings = ['valid', 'reflect', 'symmetric', 'edge', 'zero'] as const;

/** The smallest image, along one axis, that a window of so many pixels fits. */
export function smallestFor(windowSize: number, padding: Padding): number {
  switch (padding) {
    case 'valid':
      return windowSize;
    case 'reflect':
      return (windowSize + 1) / 2;
    case 'symmetric':
      return Math.max((windowSize - 1) / 2, 1);
    case 'edge':
    case 'zero':
      return 1;
  }
}
