import Table from 'cli-table3';

/** A row of figures, null where there is nothing to compare. */
export interface FigureRow {
  readonly names: readonly string[];
  readonly figures: readonly (number | null)[];
}

/** A table for a terminal; the highest figure of each column carries a star. */
export function figureTable(head: readonly string[], rows: readonly FigureRow[]): string {
  const highest = rows[0]!.figures.map((_, column) => highestOf(rows.map(({ figures }) => figures[column]!)));
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, column) => (column < rows[0]!.names.length ? 'left' : 'right')),
  });
  for (const { names, figures } of rows) {
    const cells = figures.map(
      (figure, column) =>
        `${figureText(figure)}${figure !== null && figure === highest[column] ? ' *' : '  '}`,
    );
    table.push([...names, ...cells]);
  }
  return table.toString();
}

export const figureText = (figure: number | null): string => (figure === null ? '–' : figure.toFixed(3));

export function highestOf(figures: readonly (number | null)[]): number | null {
  const known = figures.filter((figure) => figure !== null);
  return known.length === 0 ? null : Math.max(...known);
}
