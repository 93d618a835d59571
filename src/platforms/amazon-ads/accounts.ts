import { at, type PlatformAnswer, parseJson, textAt } from '../../core/answer.ts';
import type { AdAccount, AppConfig, Io, Outcome } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { get, jsonPost } from '../kit/request.ts';
import { apiHeaders, refuses, sendGuarded } from './calls.ts';
import { hostsOf, otherRegions, REGIONS, type Region, regionOf } from './regions.ts';

const LIST_ACCOUNTS_TYPE = 'application/vnd.listaccountsresource.v1+json';
const MOST_PAGES = 20;

type AccessLevel = 'view' | 'edit';

/** The profiles of every region, and the answer of the app's own region as evidence of what it said. */
export interface Reached {
  readonly profiles: readonly unknown[];
  readonly homeAnswer: PlatformAnswer;
}

/**
 * Profiles over all three regions. A region that refuses is left out; one that is down or limits makes the whole
 * list fail, because its accounts would otherwise look as if they had been taken away.
 */
export async function profilesEverywhere(
  io: Io,
  app: AppConfig,
  accessToken: string,
  accessLevel: AccessLevel,
): Promise<Outcome<Reached>> {
  const home = await profilesIn(io, app, regionOf(app), accessToken, accessLevel);
  if (!home.ok) return home;
  const profiles = [...home.value.profiles];
  for (const region of otherRegions(app)) {
    const there = await profilesIn(io, app, region, accessToken, accessLevel);
    if (there.ok) profiles.push(...there.value.profiles);
    else if (!refuses(there.answer)) return there;
  }
  return { ok: true, value: { profiles, homeAnswer: home.value.homeAnswer } };
}

async function profilesIn(
  io: Io,
  app: AppConfig,
  region: Region,
  accessToken: string,
  accessLevel: AccessLevel,
): Promise<Outcome<Reached>> {
  const url = `${REGIONS[region].api}/v2/profiles`;
  const request = get('api', url, { accessLevel }, apiHeaders(app, accessToken));
  const answer = await sendGuarded(io, request, accessToken);
  const profiles = succeeded(answer) ? readProfiles(answer.body) : undefined;
  return profiles ? { ok: true, value: { profiles, homeAnswer: answer } } : { ok: false, answer };
}

/** Profile ids are JSON numbers that may reach 2^53, and are read as text: rounding would name another account. */
function readProfiles(body: string): readonly unknown[] | undefined {
  const json = parseJson(body.replace(/("profileId"\s*:\s*)(\d+)/g, '$1"$2"'));
  return Array.isArray(json) ? json : undefined;
}

/** Every reachable ad account (a profile is an account in one marketplace). None at all is an answer to be diagnosed. */
export async function listAccounts(
  io: Io,
  app: AppConfig,
  accessToken: string,
): Promise<Outcome<readonly AdAccount[]>> {
  const visible = await profilesEverywhere(io, app, accessToken, 'view');
  if (!visible.ok) return visible;
  if (visible.value.profiles.length === 0) return { ok: false, answer: visible.value.homeAnswer };
  const editable = await profilesEverywhere(io, app, accessToken, 'edit');
  if (!editable.ok) return editable;
  const statuses = await statusesByProfile(io, app, accessToken);
  if (!statuses.ok) return statuses;
  const canEdit = new Set(editable.value.profiles.map(idOf));
  return {
    ok: true,
    value: visible.value.profiles.map((profile) => toAccount(profile, canEdit, statuses.value)),
  };
}

const idOf = (profile: unknown): string => textAt(profile, 'profileId') ?? '';

function toAccount(
  profile: unknown,
  canEdit: ReadonlySet<string>,
  statuses: ReadonlyMap<string, AdAccount['status']>,
): AdAccount {
  const id = idOf(profile);
  const country = textAt(profile, 'countryCode');
  const name = textAt(profile, 'accountInfo', 'name') ?? textAt(profile, 'accountInfo', 'id') ?? id;
  return {
    id,
    // One account has a profile for each marketplace, all of the same name.
    name: country ? `${name} (${country})` : name,
    status:
      statuses.get(id) ?? (at(profile, 'accountInfo', 'validPaymentMethod') === false ? 'limited' : 'active'),
    currency: textAt(profile, 'currencyCode') ?? null,
    timezone: textAt(profile, 'timezone') ?? null,
    permissions: canEdit.has(id) ? ['view', 'edit'] : ['view'],
  };
}

const STATUSES: Readonly<Record<string, AdAccount['status']>> = {
  CREATED: 'active',
  PARTIALLY_CREATED: 'limited',
  PENDING: 'limited',
  DISABLED: 'disabled',
};

/** Only the global account list tells a status. Where it is refused, profiles have to do. */
async function statusesByProfile(
  io: Io,
  app: AppConfig,
  accessToken: string,
): Promise<Outcome<ReadonlyMap<string, AdAccount['status']>>> {
  const statuses = new Map<string, AdAccount['status']>();
  let nextToken: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await adsAccountsPage(io, app, accessToken, nextToken);
    if (!succeeded(answer)) return refuses(answer) ? { ok: true, value: statuses } : { ok: false, answer };
    const json = parseJson(answer.body);
    for (const entry of list(at(json, 'adsAccounts'))) noteStatus(statuses, entry);
    nextToken = textAt(json, 'nextToken') || null;
    if (nextToken === null) break;
  }
  return { ok: true, value: statuses };
}

async function adsAccountsPage(
  io: Io,
  app: AppConfig,
  accessToken: string,
  nextToken: string | null,
): Promise<PlatformAnswer> {
  const url = `${hostsOf(app).api}/adsAccounts/list`;
  const body = { maxResults: 100, ...(nextToken === null ? {} : { nextToken }) };
  const media = { accept: LIST_ACCOUNTS_TYPE, 'content-type': LIST_ACCOUNTS_TYPE };
  return sendGuarded(
    io,
    jsonPost('api', url, body, { ...apiHeaders(app, accessToken), ...media }),
    accessToken,
  );
}

/** Documents show the account bare and wrapped in `adsAccount`; both are read. */
function noteStatus(statuses: Map<string, AdAccount['status']>, entry: unknown): void {
  const account = at(entry, 'adsAccount') ?? entry;
  const status = STATUSES[textAt(account, 'status') ?? ''];
  if (status === undefined) return;
  for (const alternate of list(at(account, 'alternateIds'))) {
    const profileId = textAt(alternate, 'profileId');
    if (profileId !== undefined) statuses.set(profileId, status);
  }
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
