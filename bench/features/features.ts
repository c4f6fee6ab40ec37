import { conv2d, io, relu, tensor4d } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { featuresOf } from '../../src/index.js';

/** From images to what a network says of them, one tensor or one for each layer. */
export type Features = (image: Tensor4D) => Tensor | Tensor[];

/** A layers model as tfjs saves it. */
export interface SavedModel {
  readonly topology: object;
  readonly specs: io.WeightsManifestEntry[];
  readonly weights: Uint8Array;
}

/** A pretrained network, and how it is to be used. */
export interface NetworkSource extends SavedModel {
  readonly kind: 'network';
  readonly name: string;
  readonly layers: readonly string[];
  /** What pixels in [0, 1] are multiplied by, and what is added then. */
  readonly scale: number;
  readonly offset: number;
}

/** Where the features of the FM model and of the feature map come from. */
export type FeatureSource = NetworkSource | { readonly kind: 'gabor' };

export async function featuresFrom(source: FeatureSource, channels: number): Promise<Features> {
  if (source.kind === 'gabor') return gaborFeatures(channels);
  const model = await modelFrom(source);
  model.trainable = false;
  return featuresOf(model, source.layers, { scale: source.scale, offset: source.offset });
}

export function modelFrom({ topology, specs, weights }: SavedModel): Promise<LayersModel> {
  const weightData = weights.slice().buffer;
  return loadLayersModel(io.fromMemory({ modelTopology: topology, weightSpecs: specs, weightData }));
}

/** Sides of the filters, and the wavelengths of their waves, in pixels. */
const [side, wavelengths, orientations] = [9, [4, 8], 4] as const;

/**
 * What the first layer of a trained network looks like, where no network is given: rectified waves under a Gaussian,
 * even and odd, in four directions and two sizes, each filter with mean 0 and norm 1.
 */
function gaborFeatures(channels: number): Features {
  const filters = wavelengths.flatMap((wavelength) =>
    Array.from({ length: orientations }, (_, turn) => (turn * Math.PI) / orientations).flatMap((angle) =>
      [0, Math.PI / 2].map((phase) => gabor(wavelength, angle, phase)),
    ),
  );
  const count = filters.length;
  const bank = new Float32Array(side * side * channels * count);
  filters.forEach((filter, k) => {
    filter.forEach((value, place) => {
      for (let c = 0; c < channels; c++) bank[(place * channels + c) * count + k] = value / channels;
    });
  });
  const kernel = tensor4d(bank, [side, side, channels, count]);
  return (image) => relu<Tensor4D>(conv2d(image, kernel, 2, 'same'));
}

function gabor(wavelength: number, angle: number, phase: number): number[] {
  const centre = (side - 1) / 2;
  const wave = Array.from({ length: side * side }, (_, k) => {
    const [y, x] = [Math.floor(k / side) - centre, (k % side) - centre];
    const along = x * Math.cos(angle) + y * Math.sin(angle);
    return (
      Math.exp(-(x * x + y * y) / (2 * (side / 4) ** 2)) *
      Math.cos((2 * Math.PI * along) / wavelength + phase)
    );
  });
  const mean = wave.reduce((sum, value) => sum + value, 0) / wave.length;
  const centred = wave.map((value) => value - mean);
  const norm = Math.hypot(...centred);
  return centred.map((value) => value / norm);
}
