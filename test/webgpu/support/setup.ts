import { startWebgpu } from '../../../bench/running/webgpu.js';

process.stderr.write(`${await startWebgpu()}\n`);
