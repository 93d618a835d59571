import type { FastifyRequest } from 'fastify';

/**
 * Whether another site made a browser send this. Browsers say so in `Sec-Fetch-Site` (all of them since 2023), and older
 * ones name the `Origin` of a form, which is `null` also for our own pages, since these send no referrer. What says
 * neither is no browser, and has no cookies that anybody could abuse.
 */
export function cameFromElsewhere(request: FastifyRequest, publicUrl: string): boolean {
  const { 'sec-fetch-site': site, origin, host } = request.headers;
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  if (origin === undefined || origin === 'null') return false;
  return origin !== new URL(publicUrl).origin && URL.parse(origin)?.host !== host;
}
