import {
  Conv2D,
  Conv2DBackpropInput,
  FusedConv2D,
  getKernel,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { conv2dBackpropFilterConfig } from './conv2dBackpropFilter.js';
import { fasterConv2dBackpropInput } from './conv2dBackpropInput.js';
import { depthwiseConv2dGradientConfigs } from './depthwiseConv2dGradients.js';
import { isFaster } from './faster.js';
import { fasterConvolution } from './fasterConvolutions.js';
import { fasterElementwise } from './fasterElementwise.js';

/**
 * Lets convolutional networks train on tfjs's wasm backend, and makes transposed convolutions faster.
 *
 * That backend runs `conv2d` and `conv2dTranspose`, but lacks the kernel `Conv2DBackpropFilter`, the gradient
 * with respect to their filter: training stops there with "Kernel 'Conv2DBackpropFilter' not registered for
 * backend 'wasm'". This function registers one. It also registers both gradients of depthwise convolutions, of
 * which separable ones consist: so a loss can be computed through MobileNet's features. Finally, it registers
 * faster kernels in place of tfjs's `Conv2DBackpropInput` (the gradient with respect to the image, and
 * `conv2dTranspose`), `Conv2D`, `FusedConv2D`, and those of a leaky ReLU, its gradient and that of a bias: networks run faster, in training and afterwards. No other
 * backend is affected.
 *
 * Convolutions and their gradients are SIMD code on the backend's own memory. Where that memory does not show, or
 * threads share it (in pages that are isolated from other origins), the gradients are made of the backend's own
 * convolution instead.
 *
 * Call it once, after the backend is imported and before the first training step. A second call does nothing.
 * If the backend has its own filter gradient, as a later tfjs may, that one is kept. Called before the import,
 * only what tfjs lacks is registered, for the faster kernels need tfjs's own for the cases that they leave to
 * them; a call after the import makes up for it.
 *
 * It supports all strides and paddings, batches of any size, and the data format NHWC, the only one that the
 * wasm backend convolves. Dilated convolutions have no gradient in tfjs, on any backend. tfjs 4.22's own wasm
 * gradient of max pooling is wrong where all pixels of a window are ≤ 0: pool after a ReLU, or use strides or
 * average pooling instead.
 *
 * @throws TypeError for an argument. The kernels throw a `TypeError` for a dtype other than float32 or a data format other
 * than NHWC, a `RangeError` when `dy` does not have the shape of the convolution's output, and an `Error` when a custom build
 * lacks a kernel that they are made of.
 *
 * @see https://github.com/tensorflow/tfjs/issues/8474, the missing kernel
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-wasm';
 * import { setBackend, randomUniform } from '@tensorflow/tfjs-core';
 * import { layers, sequential } from '@tensorflow/tfjs-layers';
 * import { registerWasmTraining } from 'ssim-ae/kernels';
 *
 * await setBackend('wasm');
 * registerWasmTraining();
 *
 * const model = sequential();
 * model.add(layers.conv2d({ filters: 8, kernelSize: 4, strides: 2, padding: 'same', inputShape: [16, 16, 1] }));
 * model.add(layers.leakyReLU({ alpha: 0.2 }));
 * model.add(layers.conv2dTranspose({ filters: 1, kernelSize: 4, strides: 2, padding: 'same' }));
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 *
 * const images = randomUniform([4, 16, 16, 1]);
 * await model.trainOnBatch(images, images);
 * ```
 */
export function registerWasmTraining(): void {
  checkArguments('registerWasmTraining', arguments, 0, 'no arguments');
  for (const config of [conv2dBackpropFilterConfig, ...depthwiseConv2dGradientConfigs]) {
    // A registry without an entry gives undefined, though its type says otherwise.
    const present = getKernel(config.kernelName, config.backendName) as KernelConfig | undefined;
    if (present === undefined) registerKernel(config);
  }
  replace(Conv2DBackpropInput, fasterConv2dBackpropInput);
  replace(Conv2D, fasterConvolution);
  replace(FusedConv2D, fasterConvolution);
  for (const [name, by] of fasterElementwise()) replace(name, by);
}

function replace(kernelName: string, by: (own: KernelConfig) => KernelConfig): void {
  const own = getKernel(kernelName, 'wasm') as KernelConfig | undefined;
  if (own === undefined || isFaster(own)) return;
  unregisterKernel(kernelName, 'wasm');
  registerKernel(by(own));
}
