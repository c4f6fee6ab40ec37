import { eachDistance, mapSize } from './distancePlanes.js';
import type { ArrayMap } from './imageArray.js';
import { engineCall } from './kernels/engine.js';
import type { SsimRequest } from './ssimOptions.js';

/** The mean over channels of 1 − SSIM at every position of the window: by the kernel, else in plain float64. */
export function distancesOf(request: SsimRequest): ArrayMap {
  const { width, height } = mapSize(request);
  const data = new Float32Array(width * height);
  const call = engineCall(request);
  if (call !== undefined) {
    call.engine.value(call.images, { ...call.attrs, form: 'residual' }, data);
  } else {
    const sums = new Float64Array(width * height);
    eachDistance(request, (distance, index) => {
      sums[index]! += distance;
    });
    for (let k = 0; k < sums.length; k++) data[k] = sums[k]! / request.x.channels;
  }
  return { data, width, height };
}
