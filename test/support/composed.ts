import { useFusedKernels } from '../../src/kernels.js';

useFusedKernels(false);
