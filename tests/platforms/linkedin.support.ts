import assert from 'node:assert/strict';
import { diagnose } from '../../src/core/diagnosis.ts';
import { DAY_MS } from '../../src/core/instant.ts';
import type { Held, Issued, MethodAdapter, Outcome } from '../../src/platforms/kit/adapter.ts';
import { readStandardCallback } from '../../src/platforms/kit/oauth.ts';
import { linkedin } from '../../src/platforms/linkedin/index.ts';
import { simulateLinkedIn } from '../../src/platforms/linkedin/simulator.ts';
import { type Bench, benchFor, consent, factsOf, heldAfter } from '../support/simulated.ts';

export const REDIRECT_URI = 'https://evergrant.example/oauth/callback/linkedin';
export const SCOPES = ['r_ads', 'r_ads_reporting', 'r_basicprofile'];
export const YEAR_MS = 365 * DAY_MS;

/** A bench with one of the two apps that the simulated platform knows. */
export const bench = (app: 'with refresh' | 'without refresh' = 'with refresh'): Bench => {
  const made = benchFor(linkedin, [simulateLinkedIn]);
  if (app === 'with refresh') return made;
  const other = { clientId: 'linkedin-sandbox-app-60d', clientSecret: 'linkedin-sandbox-secret-60d' };
  return { ...made, app: { ...made.app, ...other } };
};

export async function codeFor(
  b: Bench,
  method: MethodAdapter,
  scopes = SCOPES,
  headers: Record<string, string> = {},
): Promise<string> {
  const input = {
    redirectUri: REDIRECT_URI,
    state: 's',
    codeChallenge: null,
    nonce: 'n',
    scopes,
    identity: null,
    reconnect: false,
  };
  const callback = readStandardCallback(
    await consent(b, await method.authorizeUrl!(b.app, input, b.io), headers),
  );
  assert.ok(callback.kind === 'code');
  return callback.code;
}

export function exchange(
  b: Bench,
  method: MethodAdapter,
  code: string,
  scopes = SCOPES,
): Promise<Outcome<Issued>> {
  return method.exchange!(b.io, b.app, {
    code,
    redirectUri: REDIRECT_URI,
    codeVerifier: null,
    nonce: 'n',
    scopes,
  });
}

export async function connect(b: Bench, methodId = 'user_login', scopes = SCOPES): Promise<Held> {
  const method = linkedin.adapter.methods[methodId]!;
  const outcome = await exchange(b, method, await codeFor(b, method, scopes), scopes);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  const spec = linkedin.profile.methods.find((one) => one.id === methodId)!;
  const facts = factsOf(linkedin, spec, outcome.value, scopes);
  const renewable = outcome.value.secrets.refresh_token !== undefined;
  return {
    secrets: outcome.value.secrets,
    identity: outcome.value.identity!,
    facts: { ...facts, renewable },
  };
}

export const { user_login: login } = linkedin.adapter.methods as { user_login: MethodAdapter };

export async function renew(b: Bench, held: Held): Promise<Held> {
  const outcome = await login.renew!(b.io, b.app, held);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return heldAfter(held, outcome.value);
}

export function applied(b: Bench, how: string) {
  const found = b.simulator.breaks('linkedin').find((one) => one.how === how)!;
  found.apply({});
  return found;
}

export const read = (b: Bench, held: Held, answer: Parameters<typeof diagnose>[1]) =>
  diagnose(linkedin.adapter.checks, answer, held.facts, b.clock.now());
