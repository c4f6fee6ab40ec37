export { useFusedKernels } from './fusedKernels.js';
export { registerWasmTraining } from './registerWasmTraining.js';
