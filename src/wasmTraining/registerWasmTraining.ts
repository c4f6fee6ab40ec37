import { Conv2DBackpropInput, getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { checkArguments } from '../checks/options.js';
import { conv2dBackpropFilterConfig } from './conv2dBackpropFilter.js';
import { fasterConv2dBackpropInput, isFaster } from './conv2dBackpropInput.js';
import { depthwiseConv2dGradientConfigs } from './depthwiseConv2dGradients.js';

/**
 * Lets convolutional networks train on tfjs's wasm backend, and makes transposed convolutions faster.
 *
 * That backend runs `conv2d` and `conv2dTranspose`, but lacks the kernel `Conv2DBackpropFilter`, the gradient
 * with respect to their filter: training stops there with "Kernel 'Conv2DBackpropFilter' not registered for
 * backend 'wasm'". This function registers one, which uses the backend's own SIMD convolution. It also
 * registers both gradients of depthwise convolutions, of which separable ones consist: so a loss can be
 * computed through MobileNet's features. Finally, it registers a similar kernel in place of tfjs's
 * `Conv2DBackpropInput`, which goes pixel by pixel. That kernel computes the gradient with respect to the
 * image, and `conv2dTranspose`: decoders run faster, in training and afterwards. No other backend is affected.
 *
 * Call it once, after the backend is imported and before the first training step. A second call does nothing.
 * If the backend has its own filter gradient, as a later tfjs may, that one is kept. Called before the import,
 * everything but the faster `Conv2DBackpropInput` is registered, for that needs tfjs's own for the cases that
 * it leaves to it; a call after the import makes up for it.
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
  checkArguments('registerWasmTraining', arguments, 0);
  for (const config of [conv2dBackpropFilterConfig, ...depthwiseConv2dGradientConfigs]) {
    // A registry without an entry gives undefined, though its type says otherwise.
    const present = getKernel(config.kernelName, config.backendName) as KernelConfig | undefined;
    if (present === undefined) registerKernel(config);
  }
  const own = getKernel(Conv2DBackpropInput, 'wasm') as KernelConfig | undefined;
  if (own !== undefined && !isFaster(own)) {
    unregisterKernel(Conv2DBackpropInput, 'wasm');
    registerKernel(fasterConv2dBackpropInput(own));
  }
}
