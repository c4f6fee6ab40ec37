import type { Picture } from '../pictures.js';

/** Fewer leave none to learn from, check with and take the threshold from. */
export const fewestPictures = 3;
/** All good pictures together: the model learns from floats, four times as large as the pixels. */
const mostPixels = 40e6;

const sizeOf = ({ image }: Picture): string => `${image.width} × ${image.height}`;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

/** Why these pictures cannot be trained on, and what would help; nothing if they can. */
export function problemWith(pictures: readonly Picture[], size: number): string | undefined {
  if (pictures.length < fewestPictures) {
    const missing = fewestPictures - pictures.length;
    return (
      `At least ${fewestPictures} good pictures are needed: one is held back for the threshold, and one to check the model. ` +
      `${missing === 1 ? 'One more is' : `${missing} more are`} missing; or cut one into pieces.`
    );
  }
  const small = smallerThan(pictures, size);
  if (small !== undefined) return small;
  const pixels = pictures.reduce((sum, { image }) => sum + image.width * image.height, 0);
  if (pixels > mostPixels) {
    return (
      `These pictures have ${Math.round(pixels / 1e6)} million pixels together, which is too much for a page; up to ` +
      `${mostPixels / 1e6} million work. Take fewer of them, or cut out what matters.`
    );
  }
  return undefined;
}

export function smallerThan(pictures: readonly Picture[], size: number): string | undefined {
  const small = pictures.filter(({ image }) => Math.min(image.width, image.height) < size);
  if (small.length === 0) return undefined;
  const named = listed(small.map((picture) => `${picture.name} (${sizeOf(picture)} pixels)`));
  return `Smaller than a patch of ${size} × ${size} pixels: ${named}. Leave ${small.length === 1 ? 'it' : 'them'} out, or train with smaller patches.`;
}

/** What the computation says, for people. */
export function inWords(reason: unknown): string {
  const message = reason instanceof Error ? reason.message : String(reason);
  if (reason instanceof DOMException && reason.name === 'AbortError') {
    return 'Stopped before the model had learnt anything.';
  }
  if (/not trained/.test(message)) {
    return 'The model has not learnt enough to judge pictures. Train it longer; if that does not help, the pictures have no pattern that it can hold.';
  }
  if (/memory|allocation failed|out of bounds|context lost|Aborted|device (was )?lost/i.test(message)) {
    return 'The memory of this device is not enough. Take fewer or smaller pictures, or close other pages.';
  }
  // A message of the library begins with the name of the function.
  return message.replace(/^\w+: /, '');
}
