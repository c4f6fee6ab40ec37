/** How many pixels of a mask are defective. */
export const countOf = (mask: Uint8Array): number => mask.reduce((sum, value) => sum + value, 0);
