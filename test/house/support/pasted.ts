import { blocksOf } from './examples.js';

/** A block that is saved as a file. */
export interface PastedFile {
  readonly name: string;
  readonly code: string;
  readonly line: number;
}

/** A command that the page gives, the file that it runs, and what the page says that it prints. */
export interface PastedRun {
  readonly command: string;
  readonly file: string;
  /** The whole output; undefined where comments beside the lines say it. */
  readonly output: string | undefined;
}

/** What a page consists of for somebody who pastes it. */
export interface Parts {
  readonly packages: readonly string[];
  readonly files: readonly PastedFile[];
  readonly runs: readonly PastedRun[];
  /** Commands that build an app. */
  readonly bundles: readonly string[];
  /** What stands in ```text right after a file. */
  readonly outputs: ReadonlyMap<string, string>;
  readonly faults: readonly string[];
}

const code = new Set(['js', 'ts', 'html']);
/** The file name in the first line of a block: `// first.mjs`, `<!-- index.html -->`. */
const named = /^(?:\/\/|<!--) ([\w./-]+\.(?:mjs|mts|html))(?: -->|:.*)?$/;
const installs = /^npm install (?:-D )?(.+)$/;
/** Variables of the environment may stand before it. */
const runsFile = /^(?:[A-Z_]+=\S+ )*(?:node|npx tsx) ([\w./-]+\.(?:mjs|mts))( .*)?$/;
const bundlesApp = /^npx (vite|webpack)\b/;
/** What needs this repository, its data or other programs, and is not pasted. */
const others =
  /^(npm ci && npm (run [\w:]+|test)\b.*|npm run .*|npx tsx bench\/.*|.*parallel .*|dask-.*|python3 .*)$/;

export function partsOf(page: string): Parts {
  const packages: string[] = [];
  const files: PastedFile[] = [];
  const commands: { command: string; file: string; output: string | undefined }[] = [];
  const faults: string[] = [];
  const bundles: string[] = [];
  const outputs = new Map<string, string>();
  const blocks = blocksOf(page);
  blocks.forEach(({ info, code: text, line }, index) => {
    const next = blocks[index + 1];
    const output = next?.info === 'text' ? next.code : undefined;
    if (code.has(info)) {
      const name = named.exec(text.split('\n', 1)[0]!)?.[1];
      if (name === undefined) faults.push(`line ${line}: no file name in the first line of the block`);
      else if (files.some((file) => file.name === name)) faults.push(`line ${line}: a second ${name}`);
      else {
        files.push({ name, code: text, line });
        if (output !== undefined) outputs.set(name, output);
      }
    } else if (info === 'sh') {
      for (const command of text.split('\n').filter((part) => !/^\s*(#.*)?$/.test(part))) {
        const [installed, run] = [installs.exec(command)?.[1], runsFile.exec(command)?.[1]];
        if (installed !== undefined) packages.push(...installed.split(' '));
        else if (bundlesApp.test(command)) bundles.push(command);
        else if (run !== undefined) commands.push({ command, file: run, output });
        else if (!others.test(command))
          faults.push(`line ${line}: no command that is known here: ${command}`);
      }
    } else if (info !== 'text' && info !== 'python' && info !== 'math')
      faults.push(`line ${line}: no kind of block that is known here: ${info}`);
  });

  // Commands within the text: `node first.mjs`.
  const prose = page.replaceAll(/^( *)`{3,}.*?^\1`{3,} *$/gms, '');
  for (const [, text] of prose.matchAll(/`([^`\n]+)`/g)) {
    const file = runsFile.exec(text!)?.[1];
    if (file !== undefined && commands.every((run) => run.file !== file)) {
      commands.push({ command: text!, file, output: undefined });
    }
  }
  // One command for all blocks, given once.
  const forAll = /run it with `node`/.test(prose.replaceAll(/\s+/g, ' '));
  for (const { name, line } of files) {
    if (!/\.m[jt]s$/.test(name) || bundles.length > 0 || commands.some((run) => run.file === name)) continue;
    if (files.some((file) => file.code.includes(`'./${name}'`))) continue;
    if (forAll) commands.push({ command: `node ${name}`, file: name, output: undefined });
    else faults.push(`line ${line}: no command for ${name}`);
  }
  for (const { file } of commands) {
    if (files.every(({ name }) => name !== file)) faults.push(`${file} is run, but no block is called so`);
  }
  if (files.length > 0 && packages.length === 0) faults.push('nothing says what to install');
  const runs = commands.map((run) => ({ ...run, output: run.output ?? outputs.get(run.file) }));
  return { packages, files, runs, bundles, outputs, faults };
}

/** What keeps a page from being pasted, in words. */
export function faultsOf({ faults }: Parts): readonly string[] {
  return faults;
}
