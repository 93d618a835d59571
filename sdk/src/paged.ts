/** One page of rows. */
export interface Page<Row> {
  readonly data: readonly Row[];
  /** Give it as `cursor` to get the next page; null: there is none. */
  readonly next_cursor: string | null;
}

/** A list: `await` it for its first page, or loop over it with `for await` for every row of every page. */
export type Paged<Row> = Promise<Page<Row>> & AsyncIterable<Row>;

/** The first page is asked for at once, the others when the loop comes to them. */
export function paged<Row>(
  pageAt: (cursor: string | undefined) => Promise<Page<Row>>,
  cursor?: string,
): Paged<Row> {
  const first = pageAt(cursor);
  return Object.assign(first, {
    async *[Symbol.asyncIterator]() {
      let page = await first;
      for (;;) {
        yield* page.data;
        if (page.next_cursor === null) return;
        page = await pageAt(page.next_cursor);
      }
    },
  });
}
