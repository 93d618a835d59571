import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { PlatformAnswer } from '../../src/core/answer.ts';
import { type Diagnosis, diagnose } from '../../src/core/diagnosis.ts';
import type { GrantFacts } from '../../src/core/grantFacts.ts';
import { SimulatedGoogle, simulateGoogle } from '../../src/platforms/google/simulator.ts';
import type { Held, Issued, MethodAdapter, Outcome } from '../../src/platforms/kit/adapter.ts';
import { readStandardCallback } from '../../src/platforms/kit/oauth.ts';
import type { Platform } from '../../src/platforms/kit/platform.ts';
import type { SimAnswer } from '../../src/platforms/kit/simulator.ts';
import { type Bench, benchFor, consent, factsOf } from '../support/simulated.ts';

export const REDIRECT_URI = 'https://evergrant.example/oauth/callback/google';
const VERIFIER = 'verifier-of-at-least-forty-three-characters-long';

export interface Google extends Bench {
  readonly platform: Platform;
  readonly google: SimulatedGoogle;
}

export function googleBench(platform: Platform): Google {
  const bench = benchFor(platform, [simulateGoogle]);
  assert.ok(bench.simulator instanceof SimulatedGoogle);
  return { ...bench, platform, google: bench.simulator };
}

export function method(bench: Google, id: string): MethodAdapter {
  return bench.platform.adapter.methods[id]!;
}

export interface SignInChoice {
  readonly person?: string;
  readonly scopes?: readonly string[];
  readonly nonceOfExchange?: string;
  readonly publishing?: GrantFacts['appPublishing'];
}

export function defaultScopes(platform: Platform, id: string): readonly string[] {
  const found = platform.profile.methods.find((one) => one.id === id);
  return (found?.scopes ?? []).filter((scope) => scope.byDefault).map((scope) => scope.id);
}

/** A person goes through the consent page; what the exchange brings. */
export async function exchangeAfterConsent(
  bench: Google,
  choice: SignInChoice = {},
): Promise<Outcome<Issued>> {
  const scopes = defaultScopes(bench.platform, 'user_login');
  const adapter = method(bench, 'user_login');
  const codeChallenge = createHash('sha256').update(VERIFIER).digest('base64url');
  const input = {
    redirectUri: REDIRECT_URI,
    state: 's',
    codeChallenge,
    nonce: 'n',
    scopes,
    identity: null,
    reconnect: false,
  };
  const headers = {
    ...(choice.person ? { 'x-simulated-person': choice.person } : {}),
    ...(choice.scopes ? { 'x-simulated-scopes': choice.scopes.join(' ') } : {}),
  };
  const query = await consent(bench, await adapter.authorizeUrl!(bench.app, input, bench.io), headers);
  const callback = readStandardCallback(query);
  assert.ok(callback.kind === 'code');
  const nonce = choice.nonceOfExchange ?? 'n';
  return adapter.exchange!(bench.io, bench.app, {
    code: callback.code,
    redirectUri: REDIRECT_URI,
    codeVerifier: VERIFIER,
    nonce,
    scopes,
  });
}

export async function signIn(bench: Google, choice: SignInChoice = {}): Promise<Held> {
  return heldOf(bench, 'user_login', await exchangeAfterConsent(bench, choice), choice.publishing);
}

export async function enterKey(bench: Google, fields: Record<string, string> = {}): Promise<Held> {
  const given = { ...bench.google.fields(bench.platform.profile.id, 'service_account'), ...fields };
  return heldOf(
    bench,
    'service_account',
    await method(bench, 'service_account').accept!(bench.io, bench.app, given),
  );
}

function heldOf(
  bench: Google,
  id: string,
  outcome: Outcome<Issued>,
  publishing: GrantFacts['appPublishing'] = 'production',
): Held {
  assert.ok(outcome.ok, JSON.stringify(outcome));
  const found = bench.platform.profile.methods.find((one) => one.id === id)!;
  const facts = factsOf(bench.platform, found, outcome.value, defaultScopes(bench.platform, id));
  return {
    secrets: outcome.value.secrets,
    identity: outcome.value.identity ?? null,
    facts: { ...facts, appPublishing: publishing },
  };
}

export function read(bench: Google, answer: PlatformAnswer, facts?: GrantFacts): Diagnosis {
  return diagnose(bench.platform.adapter.checks, answer, facts, bench.clock.now());
}

/** The diagnosis of an outcome that must have failed. */
export function failure(bench: Google, outcome: Outcome<unknown>, facts?: GrantFacts): Diagnosis {
  assert.ok(!outcome.ok, 'it fails');
  return read(bench, outcome.answer, facts);
}

export function flip(
  bench: Google,
  how: string,
  target: Parameters<ReturnType<SimulatedGoogle['breaks']>[number]['apply']>[0] = {},
) {
  const found = bench.google.breaks(bench.platform.profile.id).find((one) => one.how === how);
  assert.ok(found, `there is a switch ${how}`);
  found.apply(target);
  return found;
}

/** A call at the simulated Google, past any adapter: what a client library would send. */
export function call(
  bench: Google,
  address: string,
  options: {
    method?: string;
    headers?: Record<string, string>;
    form?: Record<string, string>;
    body?: string;
  } = {},
): SimAnswer {
  const url = new URL(address);
  return bench.google.handle({
    method: options.method ?? 'POST',
    host: url.host,
    path: url.pathname,
    query: url.searchParams,
    headers: options.headers ?? {},
    body: options.body ?? new URLSearchParams(options.form).toString(),
  });
}

export const received = (endpoint: 'token' | 'api' | 'probe', answer: SimAnswer): PlatformAnswer => ({
  kind: 'answer',
  endpoint,
  status: answer.status,
  headers: answer.headers ?? {},
  body: answer.body,
});
