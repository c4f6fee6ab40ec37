export { registerWasmTraining } from './registerWasmTraining.js';
export { useFusedKernels } from './useFusedKernels.js';
