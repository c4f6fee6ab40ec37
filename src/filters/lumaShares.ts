/** What red, green and blue contribute to luma: ITU-R BT.601. */
export const lumaShares = [0.299, 0.587, 0.114] as const;
