/**
 * The reference: one page for each export, made by typedoc from the docstrings, in docs/reference/ (not kept in git).
 * Afterwards each function's page gets the table of its options, and `sidebar.json` the list of pages by family.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Application } from 'typedoc';
import { formulas } from './formulas.js';
import type { SidebarItem } from './sidebar.js';
import { whereLine } from './sourceLinks.js';
import type { Repository } from './sourceLinks.js';

const folder = 'docs/reference';
const { repository } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly repository?: Repository;
};

/** The entries of the package, by the name of typedoc's module. */
const doors: Readonly<Record<string, { readonly import: string; readonly about: string }>> = {
  index: { import: 'ssim-ae', about: 'measures, losses, residual maps, and the way from a map to a verdict' },
  autoencoder: {
    import: 'ssim-ae/autoencoder',
    about: 'an autoencoder, its training on good images, and a detector with a stated rate of false alarms',
  },
  arrays: {
    import: 'ssim-ae/arrays',
    about:
      'the comparison of pictures in typed arrays, without TensorFlow.js, and all functions of typed arrays',
  },
  kernels: { import: 'ssim-ae/kernels', about: 'training on wasm, and a switch for the fused kernels' },
};

/** The families in the order of docs/measures.md, by the folder of src/ that they are in. */
const families: Readonly<Record<string, string>> = {
  ssim: 'Structural similarity',
  multiscale: 'Several scales',
  gradientMagnitude: 'Edges',
  haarPsi: 'Haar wavelets',
  pixels: 'Pixels',
  filters: 'Pixels',
  features: 'Features',
  vae: 'Variational autoencoders',
  training: 'Training',
  tiles: 'Large images',
  maps: 'Maps and pictures',
  segmentation: 'Thresholds and masks',
  metrics: 'Metrics',
  autoencoder: 'Autoencoder',
  arrays: 'Pictures in arrays',
  wasmTraining: 'Kernels',
  backends: 'Kernels',
};

interface Reflection {
  readonly name: string;
  /** `reference`: an export that another entry has too, and whose page is there. */
  readonly variant: string;
  readonly sources?: readonly { readonly fileName: string }[];
  readonly children?: readonly Reflection[];
}

/** Functions and constants begin with a small letter, types with a capital. */
const isType = (name: string): boolean => /^[A-Z]/.test(name);

/**
 * Where a page lies in the folder: the main entry's at the top, those of the others in a folder of their own, types in
 * another, since `auPimo` and `AuPimo` would be one file on some disks.
 */
const placeOf = (door: string, name: string): string =>
  `${door === 'index' ? '' : `${door}/`}${isType(name) ? 'types/' : ''}${name}`;

async function runTypedoc(): Promise<Reflection> {
  const app = await Application.bootstrapWithPlugins({
    options: 'typedoc.json',
    entryPoints: Object.keys(doors).map((door) => `src/${door}.ts`),
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('typedoc found errors in src/');
  app.validate(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error('typedoc: something public has no docstring, or a link of a docstring leads nowhere');
  }
  await app.generateOutputs(project);
  return JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as Reflection;
}

/** The list of the types of an entry. */
const linkToTypes = (door: string): string => `/reference/${placeOf(door, 'Types')}`.replace(/Types$/, '');

const linkTo = (door: string, name: string): string => `/reference/${placeOf(door, name)}`;

/** typedoc has one folder for functions, one for interfaces and so on: the links to where the pages will lie. */
function links({ text, door }: Page): string {
  return text.replace(
    /\]\((?:(?:\.\.\/)+(?:(\w+)\/)?(?:functions|interfaces|type-aliases|variables|classes)\/)?(\w+)\.md/g,
    (_, otherDoor: string | undefined, other: string) => `](${linkTo(otherDoor ?? door, other)}`,
  );
}

/** `Shapes:`, `Range:` and `Gradient:` begin a line of a docstring; Markdown would run them into one paragraph. */
function labelled(text: string): string {
  return text.replace(
    /^(Shapes|Range|Gradient|Shapes and range|Range and gradient|Shapes, range and gradient|Gradients?): /gm,
    '\n**$1:** ',
  );
}

/** The formula that a paragraph begins with, set as mathematics; the sentence goes on below it. */
function withFormula({ text, door, name }: Page): string {
  const place = placeOf(door, name);
  const formula = formulas[place];
  if (formula === undefined) return text;
  const [written, tex] = formula;
  const words = written.split(' ').map((word) => word.replace(/[\\^$.*+?()[\]{}|_<>]/g, '(?:\\\\)?\\$&'));
  const found = new RegExp(`\\n\\n${words.join('\\s+')}([.,:;]?)\\s*`).exec(text);
  if (found === null)
    throw new Error(`${place}: its docstring has no paragraph that begins with "${written}"`);
  const [whole, mark] = found;
  const set = `\n\n\`\`\`math\n${tex}${mark}\n\`\`\`\n\n`;
  return text.slice(0, found.index) + set + text.slice(found.index + whole.length);
}

/** Overloads share one docstring: their signatures together, then the docstring of the last, which is the widest. */
function oneSignature(text: string): string {
  const [before, ...signatures] = text.split('\n## Call Signature\n') as [string, ...string[]];
  if (signatures.length === 0) return text;
  const code = signatures.map((signature) => /```ts\n([^]*?)\n```/.exec(signature)![1]!);
  const body = signatures.at(-1).replace(/^### /gm, '## ');
  return `${before}\n${body.replace(/```ts\n[^]*?\n```/, `\`\`\`ts\n${code.join('\n').replaceAll('$', '$$$$')}\n\`\`\``)}`;
}

/** A heading for each `@throws`, of which one is enough; the same for `@see`. */
function oneHeading(text: string, heading: string): string {
  const parts = text.split(`\n## ${heading}\n`);
  if (parts.length < 3) return text;
  const [before, ...sections] = parts as [string, ...string[]];
  const last = sections.pop()!;
  const end = last.search(/\n## /);
  const items = [...sections, end < 0 ? last : last.slice(0, end)].map(
    (item) => `- ${item.trim().replace(/\n/g, '\n  ')}`,
  );
  return `${before}\n## ${heading}\n\n${items.join('\n')}\n${end < 0 ? '' : last.slice(end)}`;
}

/** A table without the columns that say nothing to a reader here. */
function withoutColumns(table: string, dropped: readonly string[]): string {
  // Cells may hold `\|`.
  const rows = table.split('\n').map((row) => row.slice(1, -1).split(/(?<!\\)\|/));
  const kept = rows[0]!.map((name) => !dropped.includes(name.trim()));
  return rows.map((row) => `|${row.filter((_, column) => kept[column]).join('|')}|`).join('\n');
}

const tables = /^\|.*\|\n\|[ -|]*\|\n(?:\|.*\|\n?)+/gm;

interface Page {
  readonly door: string;
  readonly name: string;
  text: string;
}

function readPages(): Page[] {
  return Object.keys(doors).flatMap((door) =>
    readdirSync(join(folder, door), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md') && basename(file) !== 'README.md')
      .map((file) => ({
        door,
        name: basename(file, '.md'),
        text: readFileSync(join(folder, door, file), 'utf8'),
      })),
  );
}

/** The options of a function on its own page, below its parameters. */
function withOptions(page: Page, pages: readonly Page[]): string {
  const type = /^\| `(?:options|\w+)\??` \| \[`(\w+Options)`\]/m.exec(page.text)?.[1];
  const options = pages.find(({ door, name }) => door === page.door && name === type);
  const properties = /\n## Properties\n\n((?:\|.*\n?)+)/.exec(options?.text ?? '')?.[1];
  if (properties === undefined) return page.text;
  const table = withoutColumns(properties.trim(), ['Inherited from', 'Overrides']);
  return page.text.replace('\n## Returns\n', `\n## Options\n\n${table}\n\n## Returns\n`);
}

function polished({ text, door, name }: Page): string {
  const source = /^Defined in: \[(.*?)\]/m.exec(text)?.[1];
  const signatureOnly = text
    .replace(/^# .*$/m, `# ${name}`)
    .replace(/^Defined in: .*\n\n?/gm, '')
    .replace(tables, (table) => withoutColumns(table.trim(), ['Modifier', 'Defined in']) + '\n');
  const body = oneHeading(oneHeading(labelled(signatureOnly), 'Throws'), 'See');
  const where = whereLine(doors[door]!.import, source, repository);
  return `---\neditLink: false\n---\n\n${body.replace(/^(# .*)$/m, `$1\n\n${where}`).replace(/\n{3,}/g, '\n\n')}`;
}

function item(door: string, name: string): SidebarItem {
  return { text: name, link: linkTo(door, name) };
}

function sidebarOf(project: Reflection): SidebarItem[] {
  return project.children!.map((door) => {
    const groups = new Map<string, SidebarItem[]>();
    const types: SidebarItem[] = [];
    for (const { name, sources, variant } of door.children!) {
      if (variant === 'reference') continue;
      if (isType(name)) {
        types.push(item(door.name, name));
        continue;
      }
      const room = sources![0]!.fileName.split('/')[0]!;
      const family = families[room];
      if (family === undefined)
        throw new Error(`no family is named for src/${room}: add it to ${import.meta.filename}`);
      groups.set(family, [...(groups.get(family) ?? []), item(door.name, name)]);
    }
    const order = [...new Set(Object.values(families))];
    const sorted = [...groups].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
    const named: SidebarItem[] = sorted.map(([text, items]) => ({ text, items, collapsed: true }));
    // A page of their own: pages would be slower to start with a hundred more entries beside them.
    if (types.length > 0) named.push({ text: 'Types', link: linkToTypes(door.name) });
    return { text: doors[door.name]!.import, items: named };
  });
}

/** What stands first below the signature. */
function firstSentence({ text }: Page): string {
  const paragraph = /\n```\n\n([^]*?)(?:\n\n|$)/.exec(text)![1]!.replace(/\n/g, ' ');
  return /^.*?\.(?= |$)/.exec(paragraph)?.[0] ?? paragraph;
}

/** All types of an entry; the pages of functions link to those that they take. */
function typesOf(door: string): string {
  const names = pages.filter((page) => page.door === door && isType(page.name)).map(({ name }) => name);
  const links = names.sort().map((name) => `- [\`${name}\`](${linkTo(door, name)})`);
  return `# Types of ${doors[door]!.import}\n\n${links.join('\n')}\n`;
}

/** The first page: every function with the first sentence of its docstring. */
function overview(sidebar: readonly SidebarItem[], pages: readonly Page[]): string {
  const sections = sidebar.map(({ text, items }, index) => {
    const groups = items!
      .filter((group) => group.text !== 'Types')
      .map((group) => {
        const rows = group.items!.map(({ text: name, link }) => {
          const page = pages.find((candidate) => linkTo(candidate.door, candidate.name) === link)!;
          return `| [\`${name}\`](${link}) | ${firstSentence(page).replace(/(?<!\\)\|/g, '\\|')} |`;
        });
        return `### ${group.text}\n\n| function | what it is |\n| --- | --- |\n${rows.join('\n')}`;
      });
    return `## \`${text}\`\n\nThe entry \`${text}\` has ${Object.values(doors)[index]!.about}.\n\n${groups.join('\n\n')}`;
  });
  return `# Reference\n\nEvery export of the package, by entry and family, made from the docstrings.\n\n${sections.join('\n\n')}\n`;
}

rmSync(folder, { recursive: true, force: true });
const project = await runTypedoc();
const pages = readPages();
for (const place of Object.keys(formulas)) {
  if (!pages.some(({ door, name }) => placeOf(door, name) === place))
    throw new Error(`formulas.ts: there is no page ${place}`);
}
for (const page of pages) {
  page.text = oneSignature(links(page));
  page.text = withFormula(page);
}
const texts = pages.map((page) => polished({ ...page, text: withOptions(page, pages) }));
pages.forEach((page, index) => (page.text = texts[index]!));
const sidebar = sidebarOf(project);

rmSync(folder, { recursive: true });
for (const { door, name, text } of pages) {
  const file = join(folder, `${placeOf(door, name)}.md`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
for (const door of Object.keys(doors)) {
  if (!pages.some((page) => page.door === door && isType(page.name))) continue;
  writeFileSync(join(folder, `${placeOf(door, 'Types').replace(/Types$/, '')}index.md`), typesOf(door));
}
writeFileSync(join(folder, 'index.md'), overview(sidebar, pages));
writeFileSync(join(folder, 'sidebar.json'), JSON.stringify(sidebar, null, 2));
console.log(`${pages.length} pages in ${folder}`);
