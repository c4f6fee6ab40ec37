/** A WebAssembly module from its bytes in base64. Throws where WebAssembly or its SIMD is missing or forbidden. */
export function instantiate<Exports>(code: string): Exports {
  const bytes = Uint8Array.from(atob(code), (character) => character.charCodeAt(0));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Exports;
}
