/** The paper's four autoencoders, by their loss. */
export const modelNames = ['ℓ2', 'VAE', 'FM', 'SSIM'] as const;
export type ModelName = (typeof modelNames)[number];

/** Sides of patches are multiples of this: the encoder of `architecture: 'paper'` halves them four times. */
export const sizeUnit = 16;

/** As the paper calls it. */
export const titleOfModel = (name: ModelName): string => (name === 'VAE' ? name : `${name}-AE`);
