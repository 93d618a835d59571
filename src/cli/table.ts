import type { Paint, Style } from './output.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
}

/** Aligned columns under their titles. A column in which every cell is empty is left out. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], paint: Paint): string {
  const lines = ['', ...rows.map(() => '')];
  const shown = columns
    .map((column) => cellsOf(column, rows))
    .filter((cells) => cells.some(({ text }, at) => at > 0 && text !== ''));
  for (const cells of shown) {
    const width = cells.reduce((most, { text }) => Math.max(most, widthOf(text)), 0);
    const isLast = cells === shown.at(-1);
    for (const [at, { text, style }] of cells.entries()) {
      const padded = isLast ? text : text + ' '.repeat(width - widthOf(text) + 2);
      lines[at] += style ? paint(style, padded) : padded;
    }
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}

interface Cell {
  readonly text: string;
  readonly style: Style | undefined;
}

/** The title, and below it the cells. */
function cellsOf<Row>({ title, cell, style }: Column<Row>, rows: readonly Row[]): readonly Cell[] {
  return [
    { text: title, style: 'dim' },
    ...rows.map((row) => ({ text: printable(cell(row)), style: style?.(row) })),
  ];
}

/** Text from elsewhere, without what could steer a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

/** In characters as people count them. */
function widthOf(text: string): number {
  return [...text].length;
}
