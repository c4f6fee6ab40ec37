/**
 * A WebAssembly module from its bytes as compileAssembly.js writes them. Throws where WebAssembly or its SIMD is missing
 * or forbidden.
 */
export function instantiate<Exports>(code: string, imports?: WebAssembly.Imports): Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytesOf(code))), imports)
    .exports as Exports;
}

/**
 * What bytes from −16 to 71 are written as, counted from 256 on too: frequent bytes as characters that are frequent in
 * JavaScript, so that both are short for gzip. compileAssembly.js reads it here.
 */
const digits = 'y_G&48576zCK>rALnts= da}(+0){l.w1*m]fcbuh/3;gSvEoe:i?YV-$QWT@X%J2<#k!|INMRPqUFDjp[B9ZOxH';

/** Before other bytes there is a comma for each 88 that they are above. */
function bytesOf(code: string): number[] {
  const bytes: number[] = [];
  let above = -16;
  for (const character of code) {
    const digit = digits.indexOf(character);
    if (digit < 0) above += 88;
    else {
      bytes.push(digit + above);
      above = -16;
    }
  }
  return bytes;
}
