import { expect, vi } from 'vitest';

/** What `make` gives, and how large the memory of the one WebAssembly module is that it makes. */
export function withModuleMemory<Made>(make: () => Made): { made: Made; bytes: () => number } {
  const instances: WebAssembly.Instance[] = [];
  const { Instance } = WebAssembly;
  const spy = vi.spyOn(WebAssembly, 'Instance').mockImplementation(function (module, imports) {
    const instance = new Instance(module, imports);
    instances.push(instance);
    return instance;
  });
  try {
    const made = make();
    expect(instances.length).toBe(1);
    const { memory } = instances[0]!.exports as { readonly memory: WebAssembly.Memory };
    return { made, bytes: () => memory.buffer.byteLength };
  } finally {
    spy.mockRestore();
  }
}
