/** The world around a command. Only `main.ts` makes a real one. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<string> & { readonly isTTY?: boolean };
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface Stream {
  readonly isTTY?: boolean;
  /** False: full; wait for `drained`. */
  readonly write: (text: string) => boolean;
  readonly drained: () => Promise<void>;
}
