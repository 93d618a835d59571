/** What a form of the page has brought about, or why it has not. */
export interface Note {
  /** The part of the page that it belongs to: a platform's id, `clock` or `misbehaviour`. */
  readonly about: string;
  readonly done: boolean;
  readonly text: string;
}

const MOST_NOTES = 100;

/** What the last forms have brought about, kept here so that no address can put words on the page. */
export class Notes {
  #count = 0;
  readonly #kept = new Map<string, Note>();

  /** Keeps a note, and says under which number. */
  add(note: Note): string {
    this.#count += 1;
    const number = String(this.#count);
    this.#kept.set(number, note);
    this.#kept.delete(String(this.#count - MOST_NOTES));
    return number;
  }

  find(number: string | null): Note | undefined {
    return this.#kept.get(number ?? '');
  }
}
