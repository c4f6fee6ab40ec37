import type { Picture } from '../pictures.js';

/** Every third picture is held back: 27 pictures so allow a rate of one false alarm in ten. */
const heldBackOf = 3;

export const isHeldBack = (index: number): boolean => index % heldBackOf === heldBackOf - 1;

/** So many pictures allow this rate. */
export const picturesFor = (rate: number): number => heldBackOf * Math.round(1 / rate - 1);

export function hasColour({ image: { data } }: Picture): boolean {
  for (let k = 0; k < data.length; k += 4) {
    if (data[k] !== data[k + 1] || data[k] !== data[k + 2]) return true;
  }
  return false;
}
