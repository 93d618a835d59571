import { jsonAnswer, type SimAnswer, type SimPerson, type SimRequest, textAnswer } from '../kit/simulator.ts';
import { statsOf } from './simulatedStats.ts';

export const PEOPLE: readonly SimPerson[] = [
  { id: '5a0e9c1e-0001-4000-8000-000000000001', name: 'Ida Sommer', email: 'ida@example.org' },
  { id: '5a0e9c1e-0002-4000-8000-000000000002', name: 'Noah Winter', email: 'noah@example.org' },
  { id: '5a0e9c1e-0003-4000-8000-000000000003', name: 'Lucie Herbst', email: 'lucie@example.org' },
];

interface SimAccount {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly currency: string;
  readonly timezone: string;
}

interface SimOrganization {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  /** Role of each member, by person id. */
  readonly members: Readonly<Record<string, string>>;
  /** Whether the list of organizations tells its ad accounts too. Where it does not, they have a list of their own. */
  readonly accountsInList: boolean;
  readonly accounts: readonly SimAccount[];
}

const [ida, noah, lucie] = PEOPLE.map((person) => person.id) as [string, string, string];

function account(
  number: number,
  name: string,
  status: string,
  currency: string,
  timezone: string,
): SimAccount {
  return { id: `acc-5a0e-0${number}`, name, status, currency, timezone };
}

export const ORGANIZATIONS: readonly SimOrganization[] = [
  {
    id: 'org-5a0e',
    name: 'Summer Agency',
    country: 'DE',
    members: { [ida]: 'admin', [noah]: 'member', [lucie]: 'member' },
    accountsInList: true,
    accounts: [
      account(1, 'Summer Shoes DE', 'ACTIVE', 'EUR', 'Europe/Berlin'),
      account(2, 'Summer Shoes US', 'ACTIVE', 'USD', 'America/New_York'),
    ],
  },
  {
    id: 'org-77b2',
    name: 'Harbour Drinks',
    country: 'GB',
    members: { [ida]: 'member', [lucie]: 'business_admin' },
    accountsInList: false,
    accounts: [
      account(3, 'Harbour Drinks UK', 'ACTIVE', 'GBP', 'Europe/London'),
      account(4, 'Harbour Drinks Launch', 'PENDING', 'GBP', 'Europe/London'),
      account(5, 'Harbour Drinks Winter', 'PAUSED', 'NOK', 'Europe/Oslo'),
    ],
  },
];

/** What befalls a person in the answers of the Ads API. */
export type Hindrance = 'account_access_removed' | 'organization_access_removed' | 'account_deleted';
export type Hindered = (how: Hindrance) => boolean;

/** Pages may be shorter than asked for. */
const MOST_PER_PAGE = 2;
/** Documented examples page over another host than the one that was asked. */
const NEXT_LINK_HOST = 'https://adsapisc.appspot.com';
const ROLE_REFUSED = 'Error code: E3002, message: Caller does not have permission : [organization]';

/** What the Ads API answers to a person whose token is good. */
export function answerAds(request: SimRequest, person: string, hindered: Hindered, now: number): SimAnswer {
  if (request.path === '/v1/me') return success({ me: meOf(person) });
  if (hindered('organization_access_removed'))
    return adsError(200, 'E3002', 'Caller does not have permission');
  if (request.path === '/v1/me/organizations')
    return success({ organizations: organizationsOf(person, hindered) }, 'success');
  const [, kind, id = '', part] =
    /^\/v1\/(organizations|adaccounts)\/([^/]+)(?:\/([a-z]+))?$/.exec(request.path) ?? [];
  if (kind === 'organizations' && part === 'adaccounts') return adAccountsOf(request, id, person, hindered);
  if (kind === 'adaccounts') return adAccount(request, id, part, { person, hindered, now });
  return adsError(404, 'E3003', 'Resource can not be found');
}

function meOf(id: string) {
  const person = PEOPLE.find((candidate) => candidate.id === id);
  const organization_id = ORGANIZATIONS.find((one) => one.members[id])?.id;
  return { id, email: person?.email, organization_id, display_name: person?.name, member_status: 'MEMBER' };
}

function organizationsOf(person: string, hindered: Hindered) {
  const own = ORGANIZATIONS.filter((organization) => organization.members[person]);
  return own.map((organization, index) => {
    const { id, name, country } = organization;
    if (index > 0 && hindered('account_access_removed')) {
      return { sub_request_status: 'ERROR', sub_request_error_reason: ROLE_REFUSED, organization: { id } };
    }
    const told = accountsOf(organization, hindered).map((one) => ({ ...one, roles: ['reports'] }));
    const accounts = organization.accountsInList ? { ad_accounts: told } : {};
    const common = { id, name, country, type: 'ENTERPRISE', state: 'ACTIVE', createdByCaller: false };
    return {
      sub_request_status: 'SUCCESS',
      organization: { ...common, roles: [organization.members[person]], ...accounts },
    };
  });
}

function accountsOf(organization: SimOrganization, hindered: Hindered): readonly SimAccount[] {
  if (hindered('account_access_removed')) return [];
  return hindered('account_deleted') ? organization.accounts.slice(1) : organization.accounts;
}

function adAccountsOf(request: SimRequest, id: string, person: string, hindered: Hindered): SimAnswer {
  const organization = ORGANIZATIONS.find((one) => one.id === id);
  if (!organization) return adsError(404, 'E3003', 'Resource can not be found');
  if (!organization.members[person] || hindered('account_access_removed')) {
    return adsError(403, 'E3002', 'Caller does not have permission');
  }
  const accounts = accountsOf(organization, hindered);
  const start = Number(request.query.get('cursor')?.replace('at-', '') ?? 0);
  const next = start + MOST_PER_PAGE;
  const adaccounts = accounts.slice(start, next).map((adaccount) => ({
    sub_request_status: 'SUCCESS',
    adaccount: { ...adaccount, organization_id: id },
  }));
  const link = `${NEXT_LINK_HOST}${request.path}?cursor=at-${next}&limit=${request.query.get('limit') ?? 50}`;
  return success({ ...(next < accounts.length ? { paging: { next_link: link } } : {}), adaccounts });
}

function adAccount(
  request: SimRequest,
  id: string,
  part: string | undefined,
  { person, hindered, now }: { person: string; hindered: Hindered; now: number },
): SimAnswer {
  const organization = ORGANIZATIONS.find((one) => one.accounts.some((candidate) => candidate.id === id));
  if (!organization) return adsError(404, 'E3003', 'Resource can not be found');
  if (!organization.members[person] || hindered('account_access_removed')) {
    return adsError(403, 'E3002', 'Caller does not have permission');
  }
  const found = accountsOf(organization, hindered).find((candidate) => candidate.id === id);
  if (!found) return adsError(404, 'E3003', 'Resource can not be found');
  if (part === 'pixels')
    return success({
      pixels: [
        {
          sub_request_status: 'SUCCESS',
          pixel: { id: `px-${id}`, name: `${found.name} pixel`, status: 'ACTIVE', ad_account_id: id },
        },
      ],
    });
  if (part === 'stats') {
    const stats = statsOf(request, found, now);
    return typeof stats === 'string' ? adsError(400, 'E2002', stats) : success({ ...stats });
  }
  const adaccount = { ...found, organization_id: organization.id, type: 'PARTNER' };
  return success({ adaccounts: [{ sub_request_status: 'SUCCESS', adaccount }] });
}

function success(body: Record<string, unknown>, request_status = 'SUCCESS'): SimAnswer {
  return jsonAnswer(200, { request_status, request_id: 'r-1', ...body });
}

function adsError(status: number, error_code: string, debug_message: string): SimAnswer {
  const display_message = 'We’re sorry, but the requested resource is not available at this time';
  return jsonAnswer(status, {
    request_status: 'ERROR',
    request_id: 'r-1',
    debug_message,
    display_message,
    error_code,
  });
}

/** Reporting calls and writes tell when the window ends, in milliseconds; plain reads tell nothing. */
export function tooManyCalls(request: SimRequest, now: number): SimAnswer {
  const told =
    /\/stats$/.test(request.path) || (request.host === 'adsapi.snapchat.com' && request.method !== 'GET');
  const headers: Record<string, string> = told
    ? {
        'x-rate-limit-limit': '1666',
        'x-rate-limit-remaining': '0',
        'x-rate-limit-reset': String(now + 4_200),
      }
    : {};
  return textAnswer(429, 'Too many requests', headers);
}
