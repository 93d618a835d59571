import type { IncomingMessage } from 'node:http';
import { Refusal } from './order.ts';

/** An address, or the name that every machine has for itself. */
const LOCAL_NAME = /^(localhost|[\d.]+|\[[\da-f:.]+\])(:\d+)?$/i;

/**
 * The switches are on the operator's machine, where any page that they look at could reach them. A browser says where a
 * call comes from; a page whose own name was turned to this machine gives itself away by that name.
 */
export function refuseForeignPage({ headers }: IncomingMessage): void {
  const { origin, host = '' } = headers;
  const site = headers['sec-fetch-site'];
  const foreign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && URL.parse(origin)?.host !== host);
  if (!foreign && LOCAL_NAME.test(host)) return;
  const message =
    'Pages of other sites may not use the switches. Call them by this machine’s address, from a program or from the page at / there.';
  throw new Refusal(403, 'foreign_page', message);
}
