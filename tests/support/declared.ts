import assert from 'node:assert/strict';
import type { PlatformAnswer } from '../../src/core/answer.ts';
import { diagnose } from '../../src/core/diagnosis.ts';
import type { GrantFacts } from '../../src/core/grantFacts.ts';
import {
  type Declaration,
  declaredChecks,
  declaredPlatform,
  readDeclaration,
} from '../../src/platforms/declared/index.ts';
import type { AppConfig, Held, Io, Issued, MethodAdapter, Outcome } from '../../src/platforms/kit/adapter.ts';
import type { PlatformRequest } from '../../src/platforms/kit/request.ts';
import { factsOf } from './simulated.ts';

export const NOW = Date.parse('2026-11-22T09:00:00Z');
export const HOUR_MS = 3_600_000;
export const OPTIONS = {
  takenIds: ['taken-one'],
  today: '2026-11-22',
  localHosts: ['127.0.0.1', 'localhost', '[::1]'],
};
export const ISSUER = 'https://login.acme.example';
export const API = 'https://api.acme.example';

export const MINIMAL = { id: 'acme', name: 'Acme Ads', issuer: ISSUER, base_url: API };
export const ENDPOINTS = { authorization: `${ISSUER}/authorize`, token: `${ISSUER}/token` };
export const BY_HAND = { id: 'acme', name: 'Acme Ads', endpoints: ENDPOINTS, base_url: API };
export const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/keys`,
  userinfo_endpoint: `${ISSUER}/me`,
};

export const APP: AppConfig = {
  id: 'app_test',
  platform: 'acme',
  environment: 'live',
  clientId: 'client-1',
  clientSecret: 'secret-1',
  settings: {},
};

export function declare(input: Record<string, unknown>): Declaration {
  const reading = readDeclaration(input, OPTIONS);
  assert.ok(reading.ok, JSON.stringify(reading));
  return reading.declaration;
}

export function problemsOf(input: unknown, options = OPTIONS): string {
  const reading = readDeclaration(input, options);
  assert.ok(!reading.ok, 'it is refused');
  return reading.problems.join('\n');
}

export type Scripted = { status?: number; headers?: Record<string, string>; body?: unknown } | PlatformAnswer;

/** A network that answers by address; what is not scripted is not found. */
export function network(routes: Record<string, Scripted | ((request: PlatformRequest) => Scripted)>) {
  const sent: PlatformRequest[] = [];
  const send = async (request: PlatformRequest): Promise<PlatformAnswer> => {
    sent.push(request);
    const route = routes[request.url] ?? { status: 404, body: 'not here' };
    const scripted = typeof route === 'function' ? route(request) : route;
    if ('kind' in scripted) return scripted;
    const { status = 200, headers = {}, body = '' } = scripted;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { kind: 'answer', endpoint: request.endpoint, status, headers, body: text };
  };
  return {
    sent,
    io: { send, now: () => NOW, randomBytes: (count: number) => new Uint8Array(count) } satisfies Io,
  };
}

export const silence = (endpoint: 'token' | 'api', sent = true): PlatformAnswer => ({
  kind: 'no_answer',
  endpoint,
  reason: 'timeout',
  sent,
});

export const methodOf = (declaration: Declaration, discovered?: typeof METADATA): MethodAdapter =>
  declaredPlatform(declaration, discovered).adapter.methods.user_login!;

export const formOf = (request: PlatformRequest | undefined) => new URLSearchParams(request?.body ?? '');

export function heldWith(facts: Partial<GrantFacts> = {}, secrets: Record<string, string> = {}): Held {
  const platform = declaredPlatform(declare(BY_HAND));
  const issued: Issued = {
    secrets: { access_token: 'access-1', refresh_token: 'refresh-1', ...secrets },
    issuedAt: NOW,
    accessExpiresAt: NOW + HOUR_MS,
    accessExpiryAssumed: false,
  };
  const known = factsOf(platform, platform.profile.methods[0]!, issued, ['read', 'write']);
  return { secrets: issued.secrets, identity: null, facts: { ...known, ...facts } };
}

export function causeOf(declaration: Declaration, outcome: Outcome<unknown>, facts?: GrantFacts) {
  assert.ok(!outcome.ok, 'it fails');
  return diagnose(declaredChecks(declaration), outcome.answer, facts, NOW);
}
