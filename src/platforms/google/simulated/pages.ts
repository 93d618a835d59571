import { jsonAnswer, type SimAnswer, type SimRequest } from '../../kit/simulator.ts';

/** Smaller than anyone asks for: a page may always be shorter than the size that was asked. */
const LARGEST_PAGE = 2;

/** One page of a list. An empty list is an empty object; the next page's token is absent on the last. */
export function page(request: SimRequest, collection: string, entries: readonly object[]): SimAnswer {
  const start = Number(request.query.get('pageToken') ?? 0);
  const size = Math.min(Number(request.query.get('pageSize') ?? LARGEST_PAGE), LARGEST_PAGE);
  const part = entries.slice(start, start + size);
  const more = start + size < entries.length ? { nextPageToken: String(start + size) } : {};
  return jsonAnswer(200, part.length === 0 ? {} : { [collection]: part, ...more });
}
