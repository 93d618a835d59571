/** Rows asked for at once. */
const A_PAGE = 500;

/** The rows of a list, page by page to its end: `afterOf` is what the next page is asked for by. */
export async function* pages<Row, After>(
  read: (page: { readonly limit: number; readonly after: After | null }) => Promise<readonly Row[]>,
  afterOf: (row: Row) => After,
): AsyncGenerator<readonly Row[]> {
  for (let after: After | null = null; ; ) {
    const rows: readonly Row[] = await read({ limit: A_PAGE, after });
    yield rows;
    if (rows.length < A_PAGE) return;
    after = afterOf(rows.at(-1)!);
  }
}
