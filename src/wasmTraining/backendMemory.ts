import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backends/wasm.js';

/** What Emscripten leaves on tfjs's backend; no part of tfjs's interface, so that it may be missing. */
interface WithExports extends WasmBackend {
  readonly wasm?: { readonly asm?: { readonly memory?: unknown } };
}

/**
 * The memory in which the backend keeps its tensors, for a module that works on it in place. Undefined where it does not
 * show, or where threads share it.
 */
export function memoryOf(backend: WasmBackend): WebAssembly.Memory | undefined {
  const memory = (backend as WithExports).wasm?.asm?.memory;
  return memory instanceof WebAssembly.Memory && memory.buffer instanceof ArrayBuffer ? memory : undefined;
}

/** Where a tensor's numbers begin in that memory, in bytes. They stay there: the memory grows at its end. */
export const addressOf = (backend: WasmBackend, info: TensorInfo): number =>
  backend.typedArrayFromHeap(info).byteOffset;
