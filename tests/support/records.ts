import type { Cadence } from '../../src/core/cadence.ts';
import { HOUR_MS } from '../../src/core/instant.ts';
import type { Issued } from '../../src/platforms/kit/adapter.ts';
import type { AuthMethod } from '../../src/platforms/kit/profile.ts';
import type { AppRecord, GrantRecord } from '../../src/store/records.ts';
import { cadenceOf, factsWith, NOW } from './facts.ts';

/** A grant as it is stored: active, authorized at {@link NOW}, and held by a keeper. */
export function grantWith(changes: Partial<GrantRecord> = {}): GrantRecord {
  return {
    workspaceId: 'wsp_1',
    id: 'grt_1',
    appId: 'app_1',
    platform: 'acme',
    method: 'user_login',
    environment: 'live',
    state: 'active',
    cause: null,
    stateSince: NOW,
    evidence: null,
    pending: null,
    identity: { id: 'person-1', kind: 'person', name: 'Ida Sommer', email: null },
    facts: factsWith(),
    secrets: { access_token: 'sealed-access-1', refresh_token: 'sealed-refresh-1' },
    credentialVersion: 3,
    dueAt: NOW,
    dueReason: 'renew:access_token',
    urgentAt: null,
    renewAt: null,
    deadlineAt: null,
    remindAt: null,
    reminded: [],
    failures: 0,
    lastAttemptAt: null,
    leaseOwner: 'node-1:due',
    leaseUntil: NOW + 120_000,
    epoch: 7,
    createdAt: NOW,
    ...changes,
  };
}

export function methodWith(cadence: Cadence = cadenceOf(), scopes: AuthMethod['scopes'] = []): AuthMethod {
  return { id: 'user_login', name: 'Sign in', kind: 'oauth', pkce: false, cadence, scopes, fields: [] };
}

/** What a renewal at this moment brings: an access token of an hour. */
export function issuedAt(at: number, changes: Partial<Issued> = {}): Issued {
  return {
    secrets: { access_token: 'access-2' },
    issuedAt: at,
    accessExpiresAt: at + HOUR_MS,
    accessExpiryAssumed: false,
    ...changes,
  };
}

export function appWith(changes: Partial<AppRecord> = {}): AppRecord {
  return {
    workspaceId: 'wsp_1',
    id: 'app_1',
    platform: 'acme',
    environment: 'live',
    name: 'Acme',
    clientId: 'client-1',
    clientSecret: null,
    secretVersion: 1,
    settings: {},
    breaker: null,
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  };
}
