import type { Stream } from './terminal.ts';

const WIDTH = 40;

/** A line at the bottom of a terminal that is written over. Says nothing where nobody watches. */
export class Progress {
  readonly #stream: Stream;
  #shown = '';

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** @param share From 0 to 1. */
  bar(share: number): void {
    const percent = Math.floor(share * 100);
    this.line(`${'█'.repeat(Math.floor((percent * WIDTH) / 100)).padEnd(WIDTH, '░')} ${percent} %`);
  }

  line(text: string): void {
    if (!this.#stream.isTTY || text === this.#shown) return;
    this.#stream.write(`\r${text.padEnd(this.#shown.length)}`);
    this.#shown = text;
  }

  /** Takes the line away. */
  end(): void {
    if (this.#shown !== '') this.#stream.write(`\r${' '.repeat(this.#shown.length)}\r`);
    this.#shown = '';
  }
}
