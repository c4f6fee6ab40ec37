/** The name of what computes in a page: a GPU, or the software that stands in for one. */
export function renderer(): string {
  const gl = document.createElement('canvas').getContext('webgl2');
  const debug = gl?.getExtension('WEBGL_debug_renderer_info');
  return String(gl?.getParameter(debug?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER) ?? 'no WebGL');
}
