import assert from 'node:assert/strict';
import { codeChallengeOf } from '../../src/app/hash.ts';
import type { Held, MethodAdapter } from '../../src/platforms/kit/adapter.ts';
import { readStandardCallback } from '../../src/platforms/kit/oauth.ts';
import type { Platform } from '../../src/platforms/kit/platform.ts';
import type { AuthMethod } from '../../src/platforms/kit/profile.ts';
import { SIMULATORS } from '../../src/platforms/simulators.ts';
import { type Bench, benchFor, consent, factsOf } from './simulated.ts';

const REDIRECT_URI = 'https://evergrant.example/oauth/callback/any';

/** Another consent of the same person at the same bench. */
export async function consentAgain(bench: Bench, platform: Platform, methodId: string): Promise<Held> {
  return (await signIn(bench, platform, methodId)).held;
}

/** A bench with a grant of the platform's first method, made as a person makes it. */
export async function connected(platform: Platform, methodId?: string) {
  const bench = benchFor(platform, SIMULATORS);
  const { adapter, held } = await signIn(bench, platform, methodId);
  return { bench, adapter, held, call: caller(bench, { ...adapter.callHeaders(bench.app, held) }) };
}

async function signIn(bench: Bench, platform: Platform, methodId?: string) {
  const method = platform.profile.methods.find((one) => one.id === methodId) ?? platform.profile.methods[0]!;
  const adapter = platform.adapter.methods[method.id]!;
  const scopes = method.scopes.map((scope) => scope.id);
  const issued =
    method.kind === 'fields'
      ? await adapter.accept!(bench.io, bench.app, bench.simulator.fields(bench.app.platform, method.id))
      : await exchange(bench, method, adapter);
  assert.ok(issued.ok, JSON.stringify(issued));
  const { secrets, identity = null } = issued.value;
  const held: Held = { secrets, identity, facts: factsOf(platform, method, issued.value, scopes) };
  return { adapter, held };
}

async function exchange(bench: Bench, method: AuthMethod, adapter: MethodAdapter) {
  const scopes = method.scopes.map((scope) => scope.id);
  const codeVerifier = method.pkce ? 'v'.repeat(43) : null;
  const codeChallenge = codeVerifier && codeChallengeOf(codeVerifier);
  const ask = { redirectUri: REDIRECT_URI, state: 's', codeChallenge, nonce: 'n', scopes };
  const url = await adapter.authorizeUrl!(bench.app, { ...ask, identity: null, reconnect: false }, bench.io);
  const callback = (adapter.readCallback ?? readStandardCallback)(await consent(bench, url), bench.app);
  assert.ok(callback.kind === 'code');
  const input = { code: callback.code, redirectUri: REDIRECT_URI, codeVerifier, nonce: 'n', scopes };
  return adapter.exchange!(bench.io, bench.app, input);
}

/** Calls the platform as an integration does: with the grant's headers. JSON where it is JSON. */
function caller({ simulator }: Bench, own: Record<string, string>) {
  return async (address: string, body?: object, more: Record<string, string> = {}) => {
    const url = new URL(address);
    const headers = Object.fromEntries(
      Object.entries({ ...own, ...more }).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const answer = await simulator.handle({
      method: body === undefined ? 'GET' : 'POST',
      host: url.host,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body: body === undefined ? '' : JSON.stringify(body),
    });
    const isJson = answer.headers?.['content-type']?.includes('json') ?? false;
    // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect.
    const json: any = isJson && answer.body !== '' ? JSON.parse(answer.body) : null;
    return { status: answer.status, text: answer.body, json };
  };
}
