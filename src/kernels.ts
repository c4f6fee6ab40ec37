export { registerWasmTraining } from './wasmTraining/registerWasmTraining.js';
export { useFusedKernels } from './backends/useFusedKernels.js';
