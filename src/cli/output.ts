import { styleText } from 'node:util';
import { type Column, table } from './table.ts';
import type { Stream, Terminal } from './terminal.ts';

export type Style = 'green' | 'yellow' | 'red' | 'dim' | 'bold';
export type Paint = (style: Style, text: string) => string;

/** What a command says: results on stdout, everything else on stderr. */
export class Output {
  /** Results as JSON: one document, or one a line. */
  readonly json: boolean;
  readonly paint: Paint;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal, json: boolean) {
    this.json = json;
    this.#terminal = terminal;
    this.paint = isColourful(terminal.stdout, terminal.env)
      ? (style, text) => styleText(style, text, { validateStream: false })
      : (_, text) => text;
  }

  /** One result: as JSON where that is wished, else in words. */
  show(document: unknown, words: () => string): void {
    this.line(this.json ? JSON.stringify(document) : words());
  }

  /** Rows: `{ data }` as JSON, else a table. */
  rows<Row>(data: readonly Row[], columns: readonly Column<Row>[], none: string): void {
    if (this.json) this.line(JSON.stringify({ data }));
    else if (data.length === 0) this.note(none);
    else this.line(table(data, columns, this.paint));
  }

  line(text: string): void {
    this.#terminal.stdout.write(`${text}\n`);
  }

  /** A remark for the person at the terminal; left out where the result is JSON. */
  note(text: string): void {
    if (!this.json) this.log(text);
  }

  /** What is told on stderr for programs too: what somebody needs when the command is broken off. */
  log(text: string): void {
    this.#terminal.stderr.write(`${text}\n`);
  }

  /** Names with their values, one a line; what has no value is left out. */
  list(entries: readonly (readonly [name: string, value: string | null | undefined])[]): string {
    const shown = entries.filter((entry): entry is [string, string] => Boolean(entry[1]));
    const width = Math.max(...shown.map(([name]) => name.length)) + 2;
    return shown.map(([name, value]) => `${this.paint('dim', name.padEnd(width))}${value}`).join('\n');
  }
}

function isColourful(stream: Stream, env: Terminal['env']): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}
