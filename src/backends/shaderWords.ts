/**
 * Functions of shaders that are written once, in the words of GLSL, in those of WGSL.
 *
 * No compiler: only words change. So what is written for both has numbers, vectors and conditions; a function's head on one
 * line; every variable declared with its value, one by one; `if` and not `?:`, floats with a dot and a digit (2.0), and
 * no parameter that is assigned to. `uniforms` are the names that WGSL finds in its `uniforms`.
 */
export function inWgsl(functions: string, uniforms: readonly string[]): string {
  const prefixed =
    uniforms.length === 0
      ? functions
      : functions.replace(new RegExp(`\\b(?:${uniforms.join('|')})\\b`, 'g'), 'uniforms.$&');
  return prefixed
    .replace(/\b(\w+) (\w+)\(((?:\w+ \w+(?:, )?)*)\) \{/g, (_, type: string, name: string, list: string) => {
      const parameters = list.replace(
        /(\w+) (\w+)/g,
        (__, of: string, parameter: string) => `${parameter} : ${of}`,
      );
      return `fn ${name}(${parameters}) -> ${type} {`;
    })
    .replace(/\b(?:float|int|uint|vec[234]) (\w+) =/g, 'var $1 =')
    .replace(/\bfloatBitsToUint\(/g, 'bitcast<u32>(')
    .replace(/\bvec([234])\b/g, 'vec$1<f32>')
    .replace(/\b(?:float|int|uint)\b/g, (word) => ({ float: 'f32', int: 'i32', uint: 'u32' })[word]!);
}
