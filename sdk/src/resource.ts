import type { CallOptions, Send } from './http.ts';
import { type Page, paged } from './paged.ts';

type WithCursor = { readonly cursor?: string | number };

/** A list of rows at an address. */
export function lister<Row, Filter extends object>(send: Send, path: string) {
  return (filter?: Filter, options?: CallOptions) =>
    paged<Row>(
      (cursor) => send<Page<Row>>({ method: 'GET', path, query: { ...filter, cursor }, options }),
      (filter as WithCursor | undefined)?.cursor?.toString(),
    );
}

/** An address with an id in it, whatever the id is made of. */
export function addressOf(collection: string, id: string, rest = ''): string {
  if (id === '' || id === '.' || id === '..') throw new TypeError(`“${id}” is not an id.`);
  return `/v1/${collection}/${encodeURIComponent(id)}${rest}`;
}
