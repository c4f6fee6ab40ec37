import { ssim as blazediff } from '@blazediff/ssim';
import { createRequire } from 'node:module';
import { ssim as ssimJs } from 'ssim.js';
import { ssim as arraysSsim } from '../../../src/arrays.js';
import type { Row } from './row.js';
import { rgbaImages } from './workload.js';
import type { RgbaImage } from './workload.js';

interface ChannelImage extends RgbaImage {
  readonly channels: 4;
}

// Its types come as TypeScript sources, which do not pass this project's checks: hence no import.
const { compare } = createRequire(import.meta.url)('image-ssim') as {
  readonly compare: (a: ChannelImage, b: ChannelImage) => { readonly ssim: number };
};

/** A package that compares two 8-bit images and gives a number. */
function packageRow(
  id: string,
  label: string,
  note: string,
  similarity: (a: RgbaImage, b: RgbaImage) => number,
): Row {
  return {
    id,
    label,
    note: `8-bit; ${note}`,
    exact: false,
    modes: ([, , , channels]) => (channels === 1 || channels === 3 ? ['value'] : []),
    prepare: ({ shape, x, y }) => {
      const [first, second] = [rgbaImages(shape, x), rgbaImages(shape, y)];
      const all = (): number =>
        first.reduce((sum, image, n) => sum + similarity(image, second[n]!), 0) / first.length;
      return Promise.resolve({
        check: () => Promise.resolve(all()),
        run: (_, repeats) => {
          const start = performance.now();
          for (let k = 0; k < repeats; k++) all();
          return Promise.resolve(performance.now() - start);
        },
      });
    },
  };
}

const gray = 'turns colour into gray: a third of the work at three channels';

export const packageRows: readonly Row[] = [
  packageRow('arrays', 'ssim-ae/arrays', gray, (a, b) => arraysSsim(a, b)),
  packageRow('ssim.js-fast', 'ssim.js, fast', `${gray}; downsampling off`, (a, b) => {
    return ssimJs(a, b, { ssim: 'fast', downsample: false }).mssim;
  }),
  packageRow(
    'ssim.js-weber',
    'ssim.js, weber',
    `${gray}; uniform window, integer sums; downsampling off`,
    (a, b) => ssimJs(a, b, { ssim: 'weber', downsample: false }).mssim,
  ),
  packageRow(
    'ssim.js-bezkrovny',
    'ssim.js, bezkrovny',
    `${gray}; uniform windows side by side, one for every 121 pixels; downsampling off`,
    (a, b) => ssimJs(a, b, { ssim: 'bezkrovny', downsample: false }).mssim,
  ),
  packageRow(
    'blazediff',
    '@blazediff/ssim',
    `${gray}; always downsampled when the shorter side is 384 or more`,
    (a, b) => blazediff(a.data, b.data, undefined, a.width, a.height),
  ),
  packageRow(
    'image-ssim',
    'image-ssim',
    `${gray}; uniform 8×8 windows side by side, one for every 64 pixels`,
    (a, b) => compare({ ...a, channels: 4 }, { ...b, channels: 4 }).ssim,
  ),
];
