/**
 * A WebAssembly module from its bytes in hexadecimal digits. Throws where WebAssembly or its SIMD is missing or
 * forbidden.
 */
export function instantiate<Exports>(code: string, imports?: WebAssembly.Imports): Exports {
  const bytes = Uint8Array.from({ length: code.length / 2 }, (_, k) =>
    parseInt(code.slice(2 * k, 2 * k + 2), 16),
  );
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports as Exports;
}
