import { at, numberAt, type PlatformAnswer, parseJson, textAt } from '../../core/answer.ts';
import type { AdAccount, AppConfig, Identity, Io, Outcome } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { bearer, get } from '../kit/request.ts';
import { restGet } from './rest.ts';

/** The unversioned API, where profiles still live. */
const PROFILE = 'https://api.linkedin.com/v2';
const PAGE_SIZE = 1000;
const ROLE_PAGE_SIZE = 100;
/** A bound against a platform that pages without end. */
const MOST_PAGES = 100;

/** Who connected: by OpenID, by the basic profile, or else by the member’s own entry among the users of an ad account. */
export async function identityOf(
  io: Io,
  app: AppConfig,
  accessToken: string,
  scopes: readonly string[],
): Promise<Outcome<Identity>> {
  const ways = [
    ...(scopes.includes('openid') ? [fromUserinfo] : []),
    ...(scopes.includes('r_basicprofile') ? [fromProfile] : []),
    fromAccountUsers,
  ];
  let failed: PlatformAnswer | undefined;
  for (const way of ways) {
    const found = await way(io, app, accessToken);
    if (found.ok) return found;
    failed ??= found.answer;
  }
  return { ok: false, answer: failed as PlatformAnswer };
}

async function read(
  answerOf: Promise<PlatformAnswer>,
  person: (json: unknown) => Identity | undefined,
): Promise<Outcome<Identity>> {
  const answer = await answerOf;
  const found = succeeded(answer) ? person(parseJson(answer.body)) : undefined;
  return found ? { ok: true, value: found } : { ok: false, answer };
}

const person = (id: string | undefined, name: string | null, email: string | null): Identity | undefined =>
  id === undefined || id === '' ? undefined : { id, kind: 'person', name, email };

function fromUserinfo(io: Io, _app: AppConfig, accessToken: string): Promise<Outcome<Identity>> {
  const answer = io.send(get('probe', `${PROFILE}/userinfo`, {}, bearer(accessToken)));
  return read(answer, (json) =>
    person(textAt(json, 'sub'), textAt(json, 'name') ?? null, textAt(json, 'email') ?? null),
  );
}

function fromProfile(io: Io, _app: AppConfig, accessToken: string): Promise<Outcome<Identity>> {
  const answer = io.send(get('probe', `${PROFILE}/me`, {}, bearer(accessToken)));
  return read(answer, (json) => {
    const names = [textAt(json, 'localizedFirstName'), textAt(json, 'localizedLastName')].filter(Boolean);
    return person(textAt(json, 'id'), names.join(' ') || null, null);
  });
}

function fromAccountUsers(io: Io, app: AppConfig, accessToken: string): Promise<Outcome<Identity>> {
  const request = restGet(app, accessToken, '/adAccountUsers', {
    q: 'authenticatedUser',
    start: '0',
    count: '1',
  });
  return read(io.send({ ...request, endpoint: 'probe' }), (json) =>
    person(textAt(json, 'elements', 0, 'user')?.replace(/^urn:li:person:/, ''), null, null),
  );
}

/** Every ad account that the member reaches, with the member’s role on each. */
export async function accountsOf(
  io: Io,
  app: AppConfig,
  accessToken: string,
): Promise<Outcome<readonly AdAccount[]>> {
  const accounts = await searchedAccounts(io, app, accessToken);
  if (!accounts.ok) return accounts;
  const roles = await rolesByAccount(io, app, accessToken);
  if (!roles.ok) return roles;
  return { ok: true, value: accounts.value.map((account) => readAccount(account, roles.value)) };
}

async function searchedAccounts(
  io: Io,
  app: AppConfig,
  accessToken: string,
): Promise<Outcome<readonly unknown[]>> {
  const found: unknown[] = [];
  let pageToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const fields = { q: 'search', pageSize: String(PAGE_SIZE), pageToken };
    const answer = await io.send(restGet(app, accessToken, '/adAccounts', fields));
    if (!succeeded(answer)) return { ok: false, answer };
    const json = parseJson(answer.body);
    found.push(...list(at(json, 'elements')));
    pageToken = textAt(json, 'metadata', 'nextPageToken');
    if (!pageToken) break;
  }
  return { ok: true, value: found };
}

async function rolesByAccount(
  io: Io,
  app: AppConfig,
  accessToken: string,
): Promise<Outcome<ReadonlyMap<string, string[]>>> {
  const roles = new Map<string, string[]>();
  let start = 0;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const fields = { q: 'authenticatedUser', start: String(start), count: String(ROLE_PAGE_SIZE) };
    const answer = await io.send(restGet(app, accessToken, '/adAccountUsers', fields));
    if (!succeeded(answer)) return { ok: false, answer };
    const json = parseJson(answer.body);
    const elements = list(at(json, 'elements'));
    for (const element of elements) addRole(roles, element);
    start += elements.length;
    const all = numberAt(json, 'paging', 'total');
    if (elements.length === 0 || (all === undefined ? elements.length < ROLE_PAGE_SIZE : start >= all)) break;
  }
  return { ok: true, value: roles };
}

function addRole(roles: Map<string, string[]>, element: unknown): void {
  const account = textAt(element, 'account')?.replace(/^urn:li:sponsoredAccount:/, '');
  const role = textAt(element, 'role');
  if (account && role) roles.set(account, [...(roles.get(account) ?? []), role]);
}

function readAccount(account: unknown, roles: ReadonlyMap<string, readonly string[]>): AdAccount {
  const id = textAt(account, 'id') ?? '';
  return {
    id,
    name: textAt(account, 'name') ?? id,
    status: statusOf(textAt(account, 'status'), list(at(account, 'servingStatuses')).map(String)),
    currency: textAt(account, 'currency') ?? null,
    // Ad accounts carry no time zone: LinkedIn reports in UTC.
    timezone: null,
    permissions: roles.get(id) ?? [],
  };
}

const CLOSED = ['CANCELED', 'PENDING_DELETION', 'REMOVED'];

/** The account’s own status first; an active one may still be held back from serving, for a reason or for good. */
function statusOf(status: string | undefined, serving: readonly string[]): AdAccount['status'] {
  if (status === undefined) return 'unknown';
  if (CLOSED.includes(status)) return 'closed';
  if (status === 'DRAFT') return 'limited';
  if (status !== 'ACTIVE') return 'unknown';
  if (serving.includes('RESTRICTED_HOLD')) return 'disabled';
  return serving.length === 0 || serving.includes('RUNNABLE') ? 'active' : 'limited';
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
