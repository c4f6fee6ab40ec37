import { env } from '@tensorflow/tfjs-core';

/** Whether the textures of tfjs's webgl backend hold no float32 on this machine. */
export const isHalfPrecision = (backend: string): boolean =>
  backend === 'webgl' && !env().getBool('WEBGL_RENDER_FLOAT32_ENABLED');
