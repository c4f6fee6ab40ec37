/**
 * A WebAssembly module from its bytes as compileAssembly.js writes them. Throws where WebAssembly or its SIMD is missing
 * or forbidden.
 */
export function instantiate<Exports>(code: string, imports?: WebAssembly.Imports): Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytesOf(code))), imports)
    .exports as Exports;
}

/** One character for a byte from −4 to 81, as they are counted from 256 on too; one of two more before it for the others. */
function bytesOf(code: string): number[] {
  const bytes: number[] = [];
  let more = 0;
  for (let k = 0; k < code.length; k++) {
    const digit = code.charCodeAt(k);
    if (digit < 40) {
      more = digit === 33 ? 86 : 171;
    } else {
      // The backslash is left out.
      bytes.push(digit - (digit > 92 ? 45 : 44) + more);
      more = 0;
    }
  }
  return bytes;
}
