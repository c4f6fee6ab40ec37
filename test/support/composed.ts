import { useFusedKernels } from '../../src/kernels/index.js';

useFusedKernels(false);
