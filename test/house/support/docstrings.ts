import ts from 'typescript';

/** The text of the comment that stands directly before a declaration, without its stars; '' if there is none. */
export function docstringOf(declaration: ts.Node): string {
  const text = declaration.getSourceFile().text;
  const comment = ts.getLeadingCommentRanges(text, declaration.getFullStart())?.at(-1);
  const raw = comment === undefined ? '' : text.slice(comment.pos, comment.end);
  if (!raw.startsWith('/**')) return '';
  return raw
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^ *\* ?/, ''))
    .join('\n')
    .trim();
}

/** What a docstring of an exported function lacks, in words; nothing if it is complete. */
export function lacksOf(docstring: string, parameters: readonly string[], lines = requiredLines): string[] {
  const blocks = docstring.split(/^(?=@)/m);
  const tags = blocks.filter((block) => block.startsWith('@')).map((block) => block.trim());
  const [prose = ''] = blocks;
  const lacks: string[] = [];
  if (!/^[A-Z1-9][^\n@]*(\n[^\n@]+)*[.:?]\s*(\n\n|$)/.test(prose)) lacks.push('a sentence to begin with');
  const isOneOf = (starts: readonly string[]) => (line: string) =>
    starts.some((start) => line.startsWith(start));
  const proseLines = prose.split('\n');
  const firstLine = proseLines.findIndex(isOneOf(lines));
  if (lines.length > 0 && !proseLines.slice(1, firstLine).some((line) => line.includes(' = '))) {
    lacks.push(`a formula before "${lines[0]}"`);
  }
  const inOrder = (names: readonly string[], wanted: readonly string[]): boolean =>
    names.every((name, index) => index === 0 || wanted.indexOf(names[index - 1]!) <= wanted.indexOf(name));
  const startOf = (line: string): string => lines.find((start) => line.startsWith(start))!;
  if (!inOrder(proseLines.filter(isOneOf(lines)).map(startOf), lines)) {
    lacks.push(`its lines in the order ${lines.join(' ')}`);
  }
  const names = tags.flatMap((text) => /^@\w+/.exec(text) ?? []);
  const known = names.filter((name) => tagOrder.includes(name));
  if (!inOrder(known, tagOrder)) lacks.push(`its tags in the order ${tagOrder.join(' ')}`);
  const unknown = names.filter((name) => !tagOrder.includes(name));
  if (unknown.length > 0) lacks.push(`no tag ${unknown.join(' ')}`);
  for (const start of lines) {
    if (!prose.split('\n').some((line) => line.startsWith(start) && line.length > start.length + 1)) {
      lacks.push(`a line "${start}"`);
    }
  }
  for (const tag of ['@throws', '@see']) {
    if (!tags.some((text) => new RegExp(`^${tag} \\S`).test(text))) lacks.push(tag);
  }
  const examples = tags.filter((text) => text.startsWith('@example'));
  if (!examples.some((text) => /^@example\n```ts\n[^]*\n```$/.test(text))) lacks.push('@example in ```ts');
  const described = tags.flatMap((text) => /^@param (\w+) \S/.exec(text)?.[1] ?? []);
  if (described.join() !== parameters.join()) {
    lacks.push(
      `@param for each of (${parameters.join(', ')}) in this order: it has (${described.join(', ')})`,
    );
  }
  return lacks;
}

const tagOrder: readonly string[] = ['@param', '@throws', '@see', '@example'];

export const requiredLines: readonly string[] = ['Shapes:', 'Range:', 'Gradient:'];
