import { expect, test } from 'vitest';
import { inWgsl } from '../../src/backends/shaderWords.js';

test('heads, variables, vectors and bits change their words', () => {
  const glsl = `
    bool isLarge(float v) {
      uint bits = floatBitsToUint(v);
      return bits > 0x40000000u;
    }
    vec2 blend(vec4 m, int place) {
      vec2 both = m.xy * scale;
      float sum = 0.0;
      sum += both.x;
      if (isLarge(sum)) { return vec2(0.5, sum); }
      return both.yx;
    }`;
  expect(inWgsl(glsl, ['scale', 'size'])).toBe(`
    fn isLarge(v : f32) -> bool {
      var bits = bitcast<u32>(v);
      return bits > 0x40000000u;
    }
    fn blend(m : vec4<f32>, place : i32) -> vec2<f32> {
      var both = m.xy * uniforms.scale;
      var sum = 0.0;
      sum += both.x;
      if (isLarge(sum)) { return vec2<f32>(0.5, sum); }
      return both.yx;
    }`);
});

test('a name is a uniform as a whole word only', () => {
  expect(inWgsl('return scale * rescaled + scale2;', ['scale'])).toBe(
    'return uniforms.scale * rescaled + scale2;',
  );
  expect(inWgsl('return scale;', [])).toBe('return scale;');
});
