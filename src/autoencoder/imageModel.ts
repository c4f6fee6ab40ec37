import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describeValue } from '../checks/describe.js';

/** A model from square patches to patches of the same shape, and what it takes. */
export interface ImageModel {
  readonly model: LayersModel;
  readonly size: number;
  readonly channels: number;
}

export function checkModel(functionName: string, value: unknown): ImageModel {
  const isModel =
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<LayersModel>).predict === 'function' &&
    Array.isArray((value as Partial<LayersModel>).inputs) &&
    Array.isArray((value as Partial<LayersModel>).layers);
  if (!isModel) {
    throw new TypeError(
      `${functionName}: model must be a LayersModel, as autoencoder() or loadLayersModel of tfjs-layers gives it, ` +
        `but got ${describeValue(value)}.`,
    );
  }
  const model = value as LayersModel;
  const shapes = [...model.inputs, ...model.outputs].map(({ shape }) => shape);
  const [, size, width, channels] = shapes[0] ?? [];
  const same = shapes.every((shape) => shape.slice(1).join() === [size, size, channels].join());
  if (
    shapes.length !== 2 ||
    !same ||
    size !== width ||
    typeof size !== 'number' ||
    typeof channels !== 'number'
  ) {
    throw new RangeError(
      `${functionName}: model must lead from square patches [batch, size, size, channels] to patches of the same shape, ` +
        `but its inputs and outputs are ${shapes.map((shape) => JSON.stringify(shape)).join(', ')}.`,
    );
  }
  return { model, size, channels };
}

/** What the model makes of patches. */
export const reconstruct = (model: LayersModel, x: Tensor4D): Tensor4D => model.predict(x) as Tensor4D;

/** Does it pass its input on to its output, so that only spoilt patches teach it something? */
export const repairs = (model: LayersModel): boolean => model.name.startsWith('repair_');
