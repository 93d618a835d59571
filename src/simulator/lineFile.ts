import { appendFileSync, statSync, truncateSync } from 'node:fs';

/** A file of lines that one process writes, each whole or not at all. It is made when it is absent, for its owner alone. */
export class LineFile {
  readonly #path: string;
  /** How long the file was before a line that may be there in part; null: all of them are whole. */
  #wholeBytes: number | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws where the disk takes no more, and leaves nothing of the line; where not even that works, the next call sees to it first. */
  append(line: string): void {
    this.#cutBack();
    this.#wholeBytes = this.#bytes();
    try {
      appendFileSync(this.#path, `${line}\n`, { mode: 0o600 });
    } catch (error) {
      try {
        this.#cutBack();
      } catch {
        // Whoever called hears why the line is not there. What is left of it goes before the next one.
      }
      throw error;
    }
    this.#wholeBytes = null;
  }

  #cutBack(): void {
    if (this.#wholeBytes === null) return;
    // Never longer than it is: the gap would be filled with zeros.
    if (this.#bytes() > this.#wholeBytes) truncateSync(this.#path, this.#wholeBytes);
    this.#wholeBytes = null;
  }

  #bytes(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }
}
