/** wasm, cpu and node run in this process, webgl and webgpu in headless Chromium. */
export const backends = ['wasm', 'webgl', 'webgpu', 'node', 'cpu'] as const;
export type Backend = (typeof backends)[number];
