import { describe, expect, test } from 'vitest';
import { sourceAddress, whereLine } from '../../docs/.vitepress/sourceLinks.js';

const github = 'https://github.com/someone/ssim-ae/blob/HEAD/src/ssim/ssim.ts#L12';

describe('the source of a page of the reference', () => {
  test.each([
    'https://github.com/someone/ssim-ae',
    'https://github.com/someone/ssim-ae/',
    'git+https://github.com/someone/ssim-ae.git',
    'git://github.com/someone/ssim-ae.git',
    'ssh://git@github.com/someone/ssim-ae.git',
    'git+ssh://git@github.com:22/someone/ssim-ae.git',
    'git@github.com:someone/ssim-ae.git',
    'github:someone/ssim-ae',
    'someone/ssim-ae',
  ])('with "repository": "%s" is a link', (url) => {
    expect(sourceAddress(url, 'src/ssim/ssim.ts', 12)).toBe(github);
    expect(sourceAddress({ url }, 'src/ssim/ssim.ts', 12)).toBe(github);
    expect(whereLine('ssim-ae', 'ssim/ssim.ts:12', url)).toBe(
      `<p class="where">From <code>ssim-ae</code>, defined in <a href="${github}"><code>src/ssim/ssim.ts:12</code></a></p>`,
    );
  });

  test('in a folder of a repository, and on GitLab', () => {
    const url = 'git+https://gitlab.com/group/team/images.git';
    expect(sourceAddress({ url, directory: 'packages/ssim-ae' }, 'src/index.ts', 1)).toBe(
      'https://gitlab.com/group/team/images/-/blob/HEAD/packages/ssim-ae/src/index.ts#L1',
    );
  });

  test.each([undefined, '', 'https://code.example/someone/ssim-ae', 'nonsense'])(
    'with %j is path and line alone',
    (repository) => {
      expect(whereLine('ssim-ae/arrays', 'arrays/ssim.ts:5', repository)).toBe(
        '<p class="where">From <code>ssim-ae/arrays</code>, defined in <code>src/arrays/ssim.ts:5</code></p>',
      );
    },
  );
});
