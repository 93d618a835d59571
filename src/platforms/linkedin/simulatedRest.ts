import { jsonAnswer, type SimAnswer, type SimRequest } from '../kit/simulator.ts';
import { ACCOUNTS, PEOPLE, ROLES, type SimAccount } from './simulatedAccounts.ts';
import { analyticsOf } from './simulatedAnalytics.ts';
import type { Authorization } from './simulatedGrants.ts';

/** The states of an authorization that show in the answers about its ad accounts. */
export type Hindrance =
  | 'account_access_removed'
  | 'account_disabled'
  | 'account_restricted'
  | 'account_not_on_list'
  | 'product_removed';

export type Hindered = (how: Hindrance) => boolean;

/** Pages may be shorter than asked for. */
const MOST_PER_PAGE = 3;

/** The resources of the versioned API, and the scope that opens each. */
const RESOURCES: Readonly<Record<string, { readonly name: string; readonly scopes: readonly string[] }>> = {
  adAccounts: { name: 'partnerApiAdAccounts', scopes: ['r_ads', 'rw_ads'] },
  adAccountUsers: { name: 'partnerApiAdAccountUsers', scopes: ['r_ads', 'rw_ads'] },
  conversions: { name: 'partnerApiConversions', scopes: ['r_ads', 'rw_ads', 'rw_conversions'] },
  adAnalytics: { name: 'partnerApiAdAnalytics', scopes: ['r_ads_reporting'] },
  organizationAcls: { name: 'organizationAcls', scopes: ['r_organization_admin', 'rw_organization_admin'] },
  me: { name: 'me', scopes: ['r_basicprofile', 'r_liteprofile'] },
  userinfo: { name: 'userinfo', scopes: ['openid'] },
};

export function restError(
  status: number,
  code: string,
  message: string,
  serviceErrorCode?: number,
): SimAnswer {
  return jsonAnswer(status, {
    status,
    ...(serviceErrorCode === undefined ? {} : { serviceErrorCode }),
    code,
    message,
  });
}

/** What the API answers to a member whose token is good. */
export function answerRest(
  request: SimRequest,
  authorization: Authorization,
  hindered: Hindered,
  now: number,
): SimAnswer {
  const [, resource = '', key] = /^\/(?:rest|v2)\/([^/]+)(?:\/([^/]+))?$/.exec(request.path) ?? [];
  const known = RESOURCES[resource];
  if (!known) return restError(404, 'RESOURCE_NOT_FOUND', 'No virtual resource found');
  const open = known.scopes.some((scope) => authorization.scopes.includes(scope));
  if (!open || (hindered('product_removed') && resource !== 'me' && resource !== 'userinfo')) {
    return refused(request, known.name, key);
  }
  if (resource === 'me') return me(authorization.person);
  if (resource === 'userinfo') return userinfo(authorization);
  if (hindered('account_not_on_list') && resource !== 'organizationAcls') return notOnList();
  const accounts = accountsOf(authorization.person, hindered);
  if (key !== undefined) return oneAccount(key, accounts);
  return answerFinder(request, resource, authorization.person, accounts, now);
}

function answerFinder(
  request: SimRequest,
  resource: string,
  person: string,
  accounts: readonly SimAccount[],
  now: number,
): SimAnswer {
  const finder = `${resource}.${request.query.get('q')}`;
  if (finder === 'adAccounts.search') return search(request, accounts);
  if (finder === 'adAccountUsers.authenticatedUser') return users(request, person, accounts);
  if (finder === 'conversions.account') return listed([]);
  if (finder === 'organizationAcls.roleAssignee') return listed([]);
  if (finder === 'adAnalytics.analytics') return analytics(request, accounts, now);
  return restError(404, 'RESOURCE_NOT_FOUND', 'No virtual resource found');
}

function refused(request: SimRequest, name: string, key: string | undefined): SimAnswer {
  const finder = request.query.get('q');
  const method = finder === null ? (key === undefined ? 'GET_ALL' : 'GET') : `FINDER-${finder}`;
  const version = request.headers['linkedin-version'] ?? 'NO_VERSION';
  return restError(
    403,
    'ACCESS_DENIED',
    `Not enough permissions to access: ${name}.${method}.${version}`,
    100,
  );
}

function notOnList(): SimAnswer {
  const list = 'please ensure you have added the account ID(s) in your Account Management list.';
  return restError(
    403,
    'FORBIDDEN',
    `Your application is not configured to access the related advertiser account(s), ${list}`,
  );
}

function accountsOf(person: string, hindered: Hindered): readonly SimAccount[] {
  if (hindered('account_access_removed')) return [];
  const own = ACCOUNTS.filter((account) => ROLES[person]?.[account.id] !== undefined);
  if (hindered('account_disabled'))
    return own.map((account) => ({ ...account, status: 'CANCELED', servingStatuses: ['STOPPED'] }));
  if (hindered('account_restricted'))
    return own.map((account) => ({ ...account, servingStatuses: ['RESTRICTED_HOLD'] }));
  return own;
}

function search(request: SimRequest, accounts: readonly SimAccount[]): SimAnswer {
  const size = Math.min(Number(request.query.get('pageSize') ?? MOST_PER_PAGE), MOST_PER_PAGE);
  const start = Number(request.query.get('pageToken')?.replace('page-', '') ?? 0);
  const next = start + size;
  const metadata = next < accounts.length ? { nextPageToken: `page-${next}` } : {};
  return jsonAnswer(200, { elements: accounts.slice(start, next).map(told), metadata });
}

const told = (account: SimAccount) => ({
  ...account,
  notifiedOnEndOfCampaign: true,
  version: { versionTag: '7' },
});

function users(request: SimRequest, person: string, accounts: readonly SimAccount[]): SimAnswer {
  const start = Number(request.query.get('start') ?? 0);
  const count = Number(request.query.get('count') ?? 10);
  const elements = accounts.slice(start, start + count).map((account) => ({
    account: `urn:li:sponsoredAccount:${account.id}`,
    user: `urn:li:person:${person}`,
    role: ROLES[person]?.[account.id],
  }));
  return jsonAnswer(200, { elements, paging: { start, count, links: [], total: accounts.length } });
}

function oneAccount(key: string, accounts: readonly SimAccount[]): SimAnswer {
  if (!/^\d+$/.test(key))
    return jsonAnswer(400, { message: `Key value '${key}' must be of type 'java.lang.Long'`, status: 400 });
  const id = Number(key);
  const found = accounts.find((account) => account.id === id);
  if (found) return jsonAnswer(200, told(found));
  if (!ACCOUNTS.some((account) => account.id === id))
    return restError(404, 'NOT_FOUND', 'Could not find entity');
  return restError(
    403,
    'NO_PERMISSION_ON_ENTITY',
    `Viewer may not have permission READ on entity urn:li:sponsoredAccount:${id}`,
  );
}

/** Money comes as decimal text; accounts without access are left out without a word. */
function analytics(request: SimRequest, accounts: readonly SimAccount[], now: number): SimAnswer {
  const asked = [...(request.query.get('accounts') ?? '').matchAll(/sponsoredAccount:(\d+)/g)].map((match) =>
    Number(match[1]),
  );
  const readable = accounts.filter((account) => asked.includes(account.id) && account.status === 'ACTIVE');
  const elements = analyticsOf(request, readable, now);
  return elements
    ? listed(elements)
    : restError(400, 'PARAM_INVALID', 'Invalid param. dateRange is required');
}

const listed = (elements: readonly unknown[]): SimAnswer =>
  jsonAnswer(200, { elements, paging: { start: 0, count: 10, links: [] } });

function me(id: string): SimAnswer {
  const [first, last] = nameOf(id);
  const locale = { country: 'US', language: 'en' };
  return jsonAnswer(200, {
    id,
    localizedFirstName: first,
    localizedLastName: last,
    firstName: { localized: { en_US: first }, preferredLocale: locale },
    lastName: { localized: { en_US: last }, preferredLocale: locale },
    vanityName: `${first}-${last}`.toLowerCase(),
  });
}

function userinfo(authorization: Authorization): SimAnswer {
  const { person, scopes } = authorization;
  const [given_name, family_name] = nameOf(person);
  const name = scopes.includes('profile')
    ? { name: `${given_name} ${family_name}`, given_name, family_name }
    : {};
  const email = PEOPLE.find((one) => one.id === person)?.email;
  return jsonAnswer(200, {
    sub: person,
    ...name,
    ...(scopes.includes('email') ? { email, email_verified: true } : {}),
  });
}

function nameOf(id: string): readonly [string, string] {
  const [first = 'Unnamed', last = 'Member'] = (PEOPLE.find((one) => one.id === id)?.name ?? '').split(' ');
  return [first, last];
}
