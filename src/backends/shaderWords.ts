/**
 * Translates shader functions, which are written once in GLSL, into WGSL.
 *
 * This is not a compiler: it replaces only words. So code for both uses only numbers, vectors and conditions;
 * writes the head of a function on one line; declares every variable separately and with its value; uses `if`
 * instead of `?:`, and floats with a dot and a digit (2.0); and assigns to no parameter. `uniforms` are the
 * names that WGSL finds in its `uniforms`.
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
