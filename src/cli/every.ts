/** All rows of a list, or the first `limit` of them. */
export async function every<Row>(list: AsyncIterable<Row>, limit = Number.POSITIVE_INFINITY): Promise<Row[]> {
  const rows: Row[] = [];
  if (limit <= 0) return rows;
  for await (const row of list) {
    rows.push(row);
    if (rows.length >= limit) break;
  }
  return rows;
}
