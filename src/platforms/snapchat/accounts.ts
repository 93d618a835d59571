import { at, parseJson, textAt } from '../../core/answer.ts';
import type { AdAccount, Io, Outcome } from '../kit/adapter.ts';
import { bearer, get } from '../kit/request.ts';
import { fulfilled, itemErrorCode, list } from './envelope.ts';

export const API = 'https://adsapi.snapchat.com/v1';

const PAGE_SIZE = '1000';
/** A bound against a platform that pages without end. */
const MOST_PAGES = 100;
/** Codes of what is refused for good: such an item is left out. Any other failure would make the list incomplete. */
const OUT_OF_REACH = ['E3002', 'E3003'];

const STATUSES: Readonly<Record<string, AdAccount['status']>> = {
  ACTIVE: 'active',
  PENDING: 'limited',
  PAUSED: 'limited',
};

/** Every ad account that the person's roles reach, over all of their organizations. */
export async function accountsOf(io: Io, accessToken: string): Promise<Outcome<readonly AdAccount[]>> {
  const start = `${API}/me/organizations?with_ad_accounts=true&limit=${PAGE_SIZE}`;
  const organizations = await everyItem(io, accessToken, start, 'organizations');
  if (!organizations.ok) return organizations;
  const accounts: AdAccount[] = [];
  for (const entry of organizations.value) {
    const found = await accountsIn(io, accessToken, at(entry, 'organization'));
    if (!found.ok) return found;
    accounts.push(...found.value);
  }
  return { ok: true, value: accounts };
}

/** An organization tells its accounts itself, or has a list of them. */
async function accountsIn(
  io: Io,
  accessToken: string,
  organization: unknown,
): Promise<Outcome<readonly AdAccount[]>> {
  const told = at(organization, 'ad_accounts');
  if (Array.isArray(told)) return { ok: true, value: told.map(readAccount) };
  const start = `${API}/organizations/${encodeURIComponent(textAt(organization, 'id') ?? '')}/adaccounts?limit=${PAGE_SIZE}`;
  const items = await everyItem(io, accessToken, start, 'adaccounts');
  if (items.ok) return { ok: true, value: items.value.map((item) => readAccount(at(item, 'adaccount'))) };
  const refused =
    items.answer.kind === 'answer' &&
    OUT_OF_REACH.includes(textAt(parseJson(items.answer.body), 'error_code') ?? '');
  return refused ? { ok: true, value: [] } : items;
}

/** The good items of all pages. Fails where a page fails, where no item of the first is good, or where one fails for a passing reason. */
async function everyItem(
  io: Io,
  accessToken: string,
  start: string,
  name: string,
): Promise<Outcome<readonly unknown[]>> {
  const good: unknown[] = [];
  let next: string | undefined = start;
  for (let page = 0; page < MOST_PAGES && next !== undefined; page += 1) {
    const answer = await io.send(get('api', next, {}, bearer(accessToken)));
    if (!fulfilled(answer)) return { ok: false, answer };
    const json = parseJson(answer.body);
    const items = list(at(json, name));
    const failures = items.map(itemErrorCode).filter((code) => code !== undefined);
    const allFailed = page === 0 && items.length > 0 && failures.length === items.length;
    if (allFailed || failures.some((code) => !OUT_OF_REACH.includes(code))) return { ok: false, answer };
    good.push(...items.filter((item) => itemErrorCode(item) === undefined));
    next = nextPage(textAt(json, 'paging', 'next_link'));
  }
  return { ok: true, value: good };
}

/** The documents show links to another host; the token goes to the Ads API alone. */
function nextPage(link: string | undefined): string | undefined {
  if (!link || !URL.canParse(link, API)) return undefined;
  const { pathname, search } = new URL(link, API);
  return `${new URL(API).origin}${pathname}${search}`;
}

function readAccount(account: unknown): AdAccount {
  const id = textAt(account, 'id') ?? '';
  return {
    id,
    name: textAt(account, 'name') ?? id,
    status: STATUSES[textAt(account, 'status') ?? ''] ?? 'unknown',
    currency: textAt(account, 'currency') ?? null,
    timezone: textAt(account, 'timezone') ?? null,
    permissions: list(at(account, 'roles')).map(String),
  };
}
