import { initializers, layers } from '@tensorflow/tfjs-layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Random } from './random.js';
import type { StandardisingLayer } from './standardise.js';

/** Slope of the leaky ReLU below 0. */
const alpha = 0.2;

/** What tfjs-layers calls the variance-preserving gain of a leaky ReLU (He et al. 2015). */
const gainOfReLU = (): number => 2 / (1 + alpha ** 2);

/**
 * A 1 × 1 convolution that training does not change: an affine map of the pixels among tfjs-layers' own layers, with
 * weights that a saved model keeps.
 */
export function affine(name: StandardisingLayer, x: SymbolicTensor): SymbolicTensor {
  const filters = x.shape[3]!;
  const layer = layers.conv2d({ name, filters, kernelSize: 1, trainable: false, kernelInitializer: 'zeros' });
  return layer.apply(x) as SymbolicTensor;
}

interface Shape {
  readonly filters: number;
  readonly kernelSize: number;
  readonly strides?: number;
  readonly padding?: 'same' | 'valid';
  /** Of the variance; without it, a leaky ReLU follows. */
  readonly gain?: number;
}

/** Convolutions whose initial weights keep the variance of what passes through. */
export interface Convolutions {
  readonly conv: (x: SymbolicTensor, shape: Shape) => SymbolicTensor;
  readonly transposed: (x: SymbolicTensor, shape: Shape) => SymbolicTensor;
  /** The convolution of both, one after the other along the channels. */
  readonly convOfTwo: (x: SymbolicTensor, y: SymbolicTensor, shape: Shape) => SymbolicTensor;
}

export function convolutions(random: Random): Convolutions {
  const activated = (x: SymbolicTensor): SymbolicTensor =>
    layers.leakyReLU({ alpha }).apply(x) as SymbolicTensor;
  const made = (kind: 'conv2d' | 'conv2dTranspose', x: SymbolicTensor, shape: Shape): SymbolicTensor => {
    const { filters, kernelSize, strides = 1, padding = 'same', gain } = shape;
    // Of a strided transposed convolution's kernel, only every strides-th place meets an output pixel; where the image is a
    // single place, each output pixel is one term of it.
    const met = kind === 'conv2d' ? kernelSize : padding === 'valid' ? 1 : kernelSize / strides;
    const terms = x.shape[3]! * met ** 2;
    const kernelInitializer = initializers.randomNormal({
      stddev: Math.sqrt((gain ?? gainOfReLU()) / terms),
      seed: 1 + Math.floor(random() * (2 ** 31 - 1)),
    });
    const layer = layers[kind]({ filters, kernelSize, strides, padding, kernelInitializer });
    const y = layer.apply(x) as SymbolicTensor;
    return gain === undefined ? activated(y) : y;
  };
  return {
    conv: (x, shape) => made('conv2d', x, shape),
    transposed: (x, shape) => made('conv2dTranspose', x, shape),
    // As a sum, since tfjs's wasm backend takes long to split the gradient of what was concatenated.
    convOfTwo: (x, y, shape) => {
      const [a, b] = [x, y].map((part) => made('conv2d', part, { ...shape, gain: gainOfReLU() / 2 }));
      return activated(layers.add().apply([a!, b!]) as SymbolicTensor);
    },
  };
}

/** The last layer begins small: the first reconstruction is nearly the mean grey. */
export const gainOfLast = 0.1;
