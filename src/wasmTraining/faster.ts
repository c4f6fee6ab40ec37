import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';

/** A kernel in place of tfjs's own. */
export interface FasterConfig extends KernelConfig {
  readonly isFaster: true;
}

/** Is tfjs's own kernel behind this one already? */
export const isFaster = (config: KernelConfig): config is FasterConfig => 'isFaster' in config;

/** Tries one way, and leaves to tfjs's own kernel what that gives nothing for. */
export function faster<Params>(
  own: KernelConfig,
  run: (params: Params) => TensorInfo | undefined,
): FasterConfig {
  const kernelFunc = (params: Params): TensorInfo =>
    // tfjs's kernel type knows neither inputs nor attributes.
    run(params) ?? (own.kernelFunc as unknown as (given: Params) => TensorInfo)(params);
  return { ...own, kernelFunc: kernelFunc as unknown as KernelFunc, isFaster: true };
}
