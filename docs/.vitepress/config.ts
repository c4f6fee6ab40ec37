import { existsSync, readFileSync } from 'node:fs';
import temml from 'temml';
import { defineConfig } from 'vitepress';
import type { SidebarItem } from './sidebar.js';

const made = new URL('../reference/sidebar.json', import.meta.url);
if (!existsSync(made))
  throw new Error('docs/reference/ is missing: start the site with npm run docs:dev or docs:build');
const reference = JSON.parse(readFileSync(made, 'utf8')) as SidebarItem[];

const guide: SidebarItem[] = [
  {
    text: 'Begin',
    items: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'In the browser', link: '/browser' },
      { text: 'Pictures without tfjs', link: '/arrays' },
      { text: 'From good images to a detector', link: '/detector' },
      { text: 'Coming from another library', link: '/coming-from' },
      { text: 'A data set, end to end', link: '/dataset' },
    ],
  },
  {
    text: 'Measure',
    items: [
      { text: 'Choosing a loss and a map', link: '/choosing' },
      { text: 'Every measure', link: '/measures' },
      { text: 'Conventions and precision', link: '/conventions' },
      { text: 'From a map to a verdict', link: '/defects' },
    ],
  },
  {
    text: 'Train',
    items: [
      { text: 'Making it train', link: '/training' },
      { text: 'Training on wasm', link: '/kernels' },
      { text: 'Training on a GPU', link: '/gpu' },
      { text: 'Data sets', link: '/datasets' },
      { text: 'The paper, reproduced', link: '/reproduction' },
    ],
  },
  {
    text: 'At scale',
    items: [
      { text: 'Many images', link: '/scale' },
      { text: 'Performance', link: '/performance' },
    ],
  },
  {
    text: 'The project',
    items: [
      { text: 'Contributing', link: '/contributing' },
      { text: 'Troubleshooting', link: '/troubleshooting' },
      { text: 'Is TensorFlow.js a safe choice?', link: '/tfjs' },
      { text: 'Changelog', link: '/changelog' },
    ],
  },
];

const lab: SidebarItem[] = [
  {
    text: 'Lab',
    items: [
      { text: 'Find defects', link: '/lab/defects' },
      { text: 'Compare two pictures', link: '/lab/compare' },
    ],
  },
];

export default defineConfig({
  title: 'ssim-ae',
  description:
    'SSIM and other losses, residual maps and defect metrics for image autoencoders in TensorFlow.js',
  lang: 'en',
  cleanUrls: true,
  head: [['link', { rel: 'icon', href: '/icon.svg', type: 'image/svg+xml' }]],
  lastUpdated: false,
  // The worker of the lab loads the backend that it needs, and no other.
  vite: { worker: { format: 'es' } },
  // The links of the repository's own pages, which are read as files too: from docs/ to the root.
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (md) => {
      // A block ```math, which GitHub sets too: MathML, made here, so that a reader's browser fetches nothing for it.
      const fence = md.renderer.rules.fence!;
      md.renderer.rules.fence = (tokens, index, ...rest) => {
        const { info, content } = tokens[index]!;
        if (info.trim() !== 'math') return fence(tokens, index, ...rest);
        const maths = temml.renderToString(content, {
          displayMode: true,
          throwOnError: true,
          annotate: true,
        });
        return `<div class="formula" tabindex="0" v-pre>${maths}</div>\n`;
      };
      const normalizeLink = md.normalizeLink.bind(md);
      md.normalizeLink = (url) =>
        normalizeLink(
          url.replace(/^docs\//, './').replace(/^(?:\.\.\/)?README\.md#use-it$/, './getting-started'),
        );
    },
  },
  themeConfig: {
    logo: '/icon.svg',
    nav: [
      { text: 'Guide', link: '/getting-started', activeMatch: '^/(?!reference|lab|$)' },
      { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
      { text: 'Lab', link: '/lab/defects', activeMatch: '^/lab/' },
    ],
    sidebar: { '/lab/': lab as never, '/reference/': reference as never, '/': guide as never },
    search: { provider: 'local' },
    outline: [2, 3],
    footer: { message: 'Apache-2.0' },
  },
});
