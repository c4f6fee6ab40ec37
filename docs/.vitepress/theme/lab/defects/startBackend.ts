import { env, getBackend, setBackend } from '@tensorflow/tfjs-core';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import { backends } from './messages.js';
import type { Backend } from './messages.js';

/** A graphics card that is only imitated is slower than WebAssembly. */
const imitated = /swiftshader|llvmpipe|software|basic render/i;

interface Adapter {
  readonly isFallbackAdapter?: boolean;
  readonly info?: { readonly isFallbackAdapter?: boolean; readonly architecture?: string };
}

/** Whether a backend is there at all, and whether it is fast. */
async function look(backend: Backend): Promise<'fast' | 'slow' | 'missing'> {
  switch (backend) {
    case 'webgpu': {
      const { gpu } = navigator as { gpu?: { requestAdapter: () => Promise<Adapter | null> } };
      const adapter = await gpu?.requestAdapter().catch(() => null);
      if (!adapter) return 'missing';
      const slow =
        adapter.isFallbackAdapter ??
        adapter.info?.isFallbackAdapter ??
        imitated.test(adapter.info?.architecture ?? '');
      return slow ? 'slow' : 'fast';
    }
    case 'webgl': {
      if (typeof OffscreenCanvas === 'undefined') return 'missing';
      const context = new OffscreenCanvas(1, 1).getContext('webgl2');
      // Without textures of floats it could run, but not train.
      if (!context?.getExtension('EXT_color_buffer_float')) return 'missing';
      const named = context.getExtension('WEBGL_debug_renderer_info');
      const renderer: unknown = named && context.getParameter(named.UNMASKED_RENDERER_WEBGL);
      return imitated.test(String(renderer)) ? 'slow' : 'fast';
    }
    case 'wasm':
      return typeof WebAssembly === 'object' ? 'fast' : 'missing';
    case 'cpu':
      return 'slow';
  }
}

async function load(backend: Backend): Promise<void> {
  switch (backend) {
    case 'webgpu':
      await import('@tensorflow/tfjs-backend-webgpu');
      break;
    case 'webgl':
      await import('@tensorflow/tfjs-backend-webgl');
      break;
    case 'wasm': {
      const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
      // Threads would need headers that few hosts send: their file, which must be named, is never asked for.
      env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
      setWasmPaths({
        'tfjs-backend-wasm.wasm': plain,
        'tfjs-backend-wasm-simd.wasm': simd,
        'tfjs-backend-wasm-threaded-simd.wasm': simd,
      });
      break;
    }
    case 'cpu':
      await import('@tensorflow/tfjs-backend-cpu');
      break;
  }
}

/** The wanted backend, or else the best that is there; fast ones first. */
export async function startBackend(wanted: Backend | 'auto'): Promise<Backend> {
  const looks = await Promise.all(backends.map(look));
  const having = (speed: 'fast' | 'slow'): Backend[] => backends.filter((_, k) => looks[k] === speed);
  const there = [...having('fast'), ...having('slow')];
  const first = there.filter((backend) => backend === wanted);
  for (const backend of [...first, ...there]) {
    try {
      await load(backend);
      if (await setBackend(backend)) return getBackend() as Backend;
    } catch {
      // What looked as if it were there does not start: the next one.
    }
  }
  throw new Error('This browser can compute nothing: neither WebGPU, WebGL nor WebAssembly starts.');
}
