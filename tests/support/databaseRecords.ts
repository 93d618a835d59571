import { DAY_MS, HOUR_MS } from '../../src/core/instant.ts';
import type {
  AppRecord,
  AuthorizationAttemptRecord,
  ClientRecord,
  ConnectionLoss,
  ConnectionRecord,
  ConnectSessionRecord,
  GrantRecord,
  NewActivity,
} from '../../src/store/records.ts';
import type { Store } from '../../src/store/store.ts';

/** The moment at which the stories of the store's tests begin. */
export const START_AT = Date.parse('2026-11-22T09:00:00.123Z');

export function anApp(changes: Partial<AppRecord> = {}): AppRecord {
  return {
    workspaceId: 'ws_one',
    id: 'app_one',
    platform: 'somewhere',
    environment: 'live',
    name: 'An app',
    clientId: 'client-id',
    clientSecret: 'v1.sealed.text',
    secretVersion: 1,
    settings: { region: 'eu', nested: { someKey: [1, 'two', null] } },
    breaker: null,
    createdAt: START_AT,
    updatedAt: START_AT,
    ...changes,
  };
}

export function aClient(changes: Partial<ClientRecord> = {}): ClientRecord {
  return {
    workspaceId: 'ws_one',
    id: 'cl_one',
    name: 'Acme',
    externalId: null,
    createdAt: START_AT,
    ...changes,
  };
}

export function aGrant(changes: Partial<GrantRecord> = {}): GrantRecord {
  return {
    workspaceId: 'ws_one',
    id: 'gr_one',
    appId: 'app_one',
    platform: 'somewhere',
    method: 'oauth',
    environment: 'live',
    state: 'active',
    cause: null,
    stateSince: START_AT,
    evidence: null,
    pending: null,
    identity: { id: 'person-1', kind: 'user', name: 'Ada', email: 'ada@example.com' },
    facts: {
      platform: 'somewhere',
      method: 'oauth',
      appPublishing: 'production',
      consentedAt: START_AT,
      consentCount: 1,
      issuedAt: START_AT,
      accessExpiresAt: START_AT + HOUR_MS,
      accessExpiryAssumed: false,
      renewalExpiresAt: START_AT + 60 * DAY_MS,
      renewable: true,
      scopesRequested: ['ads'],
      scopesGranted: ['ads'],
      hardEnds: [],
      lastProofAt: START_AT,
      accessDeadAt: null,
      unknownOutcomeAt: null,
      newerGrantsOfIdentity: 0,
      extra: { camelKey: 1, snake_key: 2 },
    },
    secrets: { access_token: 'v1.dk.aaaa', refresh_token: 'v1.dk.bbbb' },
    credentialVersion: 1,
    dueAt: START_AT,
    dueReason: 'renewal',
    urgentAt: null,
    renewAt: START_AT,
    deadlineAt: null,
    remindAt: null,
    reminded: [],
    failures: 0,
    lastAttemptAt: null,
    leaseOwner: null,
    leaseUntil: null,
    epoch: 0,
    createdAt: START_AT,
    ...changes,
  };
}

export function aConnection(changes: Partial<ConnectionRecord> = {}): ConnectionRecord {
  return {
    workspaceId: 'ws_one',
    id: 'co_one',
    clientId: 'cl_one',
    grantId: 'gr_one',
    name: 'Acme at Somewhere',
    accounts: [{ id: '1', currency_code: 'EUR' }],
    status: 'connected',
    loss: null,
    createdAt: START_AT,
    disconnectedAt: null,
    ...changes,
  };
}

export function aSession(changes: Partial<ConnectSessionRecord> = {}): ConnectSessionRecord {
  return {
    workspaceId: 'ws_one',
    id: 'cs_one',
    tokenHash: 'a'.repeat(64),
    clientId: 'cl_one',
    connectionId: null,
    platform: 'somewhere',
    method: 'oauth',
    appId: 'app_one',
    scopes: ['ads', 'profile,"odd"'],
    connectionName: 'Acme at Somewhere',
    allowOtherIdentity: false,
    returnUrl: null,
    status: 'open',
    cause: null,
    detail: null,
    resultConnectionId: null,
    createdAt: START_AT,
    expiresAt: START_AT + HOUR_MS,
    finishedAt: null,
    ...changes,
  };
}

export function anAttempt(changes: Partial<AuthorizationAttemptRecord> = {}): AuthorizationAttemptRecord {
  return {
    workspaceId: 'ws_one',
    stateHash: 'b'.repeat(64),
    sessionId: 'cs_one',
    codeVerifier: 'v1.dk.cccc',
    nonce: 'nonce',
    browserHash: 'c'.repeat(64),
    redirectUri: 'https://evergrant.example/oauth/callback/somewhere',
    createdAt: START_AT,
    expiresAt: START_AT + HOUR_MS,
    usedAt: null,
    ...changes,
  };
}

export function anActivity(changes: Partial<NewActivity> = {}): NewActivity {
  return {
    workspaceId: 'ws_one',
    at: START_AT,
    actor: 'keeper',
    action: 'grant.renewed',
    subjects: ['gr_one'],
    detail: { zebra: 1, apple: { pear: 'ü', list: [1.5, null, true] } },
    ...changes,
  };
}

/** A workspace with one app, one client, one grant and one connection, their ids ending in `_one`. */
export async function furnish(
  store: Store,
  workspaceId = 'ws_one',
  grant: Partial<GrantRecord> = {},
): Promise<void> {
  await store.insertWorkspace({ id: workspaceId, name: workspaceId, createdAt: START_AT });
  await store.insertApp(anApp({ workspaceId }));
  await store.insertClient(aClient({ workspaceId }));
  await store.insertGrant(aGrant({ workspaceId, ...grant }));
  await store.insertConnection(aConnection({ workspaceId }));
}

/** What a connection lacks, to be looked at again at `lookAt`. */
export function aLoss(since: number, lookAt: number): ConnectionLoss {
  const evidence = {
    cause: 'account_access_removed',
    check: null,
    endpoint: null,
    status: null,
    code: null,
    message: null,
    remedy: 'Ask for it',
    who: 'account_admin',
    acceptableOthers: [],
    confirmedBy: null,
    missingScopes: [],
  } as const;
  return { cause: 'account_access_removed', since, accounts: ['1'], evidence, lookAt };
}
