import assert from 'node:assert/strict';
import type { RunningProvider } from './oidcProvider.ts';
import type { Service } from './service.ts';

/** A person opens a connect link, signs in at the provider, and comes back. */
export async function signInAtProvider(
  node: Service,
  provider: RunningProvider,
  link: string,
  login: string,
): Promise<void> {
  const browser = node.browser();
  const leaving = await browser.visit(
    `${link}/continue`,
    (location) => !location.startsWith(provider.issuer),
  );
  const there = new URL(leaving.trail.at(-1) ?? '');
  const query = await provider.authorize(there.href, login);
  const landed = await browser.visit(`${there.searchParams.get('redirect_uri')}?${query}`);
  assert.equal(landed.status, 200, landed.text.slice(0, 500));
}

/** Calls a platform as an integrator does. */
export function callWith(token: string, url: string): Promise<Response> {
  return fetch(url, { headers: { authorization: `Bearer ${token}` } });
}
