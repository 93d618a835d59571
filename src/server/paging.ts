/** The store's page for a request: one row more than asked for tells whether there are more. */
export function pageOf(query: { readonly limit: number; readonly cursor?: string }) {
  return { limit: query.limit + 1, after: query.cursor ?? null };
}

/** At most `limit` rows, and where the next page begins. */
export function listAnswer<Row>(rows: readonly Row[], limit: number, cursorOf: (row: Row) => string) {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, next_cursor: rows.length > limit && last ? cursorOf(last) : null };
}

export const byId = (row: { readonly id: string }): string => row.id;

/** A list that always comes whole. */
export function wholeList<Row>(data: readonly Row[]) {
  return { data, next_cursor: null };
}
