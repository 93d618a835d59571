import { jsonAnswer, type SimAnswer, type SimRequest } from '../../kit/simulator.ts';
import { type ApiDoor, isGrant } from './apiDoor.ts';
import { forbidden, invalidArgument, notFound, REFUSALS, type Refusal, rpcError } from './apiErrors.ts';
import type { Grant } from './grants.ts';
import { placeOf } from './people.ts';
import { BID_MANAGER, DISPLAY_VIDEO, DISPLAY_VIDEO_USERS } from './scopes.ts';

/** Smaller than anyone asks for: a page may always be shorter than the size that was asked. */
const LARGEST_PAGE = 2;

/** The advertiser that the switch “account disabled” archives. */
export const FRAGILE_ADVERTISER = '7101';

const PARTNERS = [
  partner('11', 'Summer Agency', 'EUR', 'Europe/Berlin'),
  partner('12', 'Summer Agency US', 'USD', 'America/New_York'),
  partner('13', 'Winter Media', 'CHF', 'Europe/Zurich'),
];

const ADVERTISERS = [
  advertiser(FRAGILE_ADVERTISER, '11', 'Summer Shoes DE', 'ACTIVE', 'EUR'),
  advertiser('7102', '11', 'Summer Shoes UK', 'PAUSED', 'GBP'),
  advertiser('7103', '11', 'Old Shop', 'ARCHIVED', 'EUR'),
  advertiser('7201', '12', 'Summer Shoes US', 'ACTIVE', 'USD'),
  advertiser('7301', '13', 'Winter Skis', 'SCHEDULED_FOR_DELETION', 'CHF'),
];

/** The partners of the n-th person (or service account). */
const ROLES: readonly (readonly string[])[] = [['11', '12', '13'], ['11', '13'], ['11', '12'], ['11']];

/** displayvideo, any version: partners, advertisers, users. */
export class Dv360Api {
  readonly #door: ApiDoor;

  constructor(door: ApiDoor) {
    this.#door = door;
  }

  handle(request: SimRequest): SimAnswer {
    const [collection, id] = request.path.replace(/^\/v\d+\//, '').split('/');
    const scopes = collection === 'users' ? [DISPLAY_VIDEO_USERS] : [DISPLAY_VIDEO, BID_MANAGER];
    const grant = this.#door.enter(request, scopes, dv360Words);
    if (!isGrant(grant)) return grant;
    if (this.#door.broken('no_access_refused', grant)) return rpcError(forbidden());
    if (collection === 'users') return grant.kind === 'service' ? jsonAnswer(200, {}) : rpcError(forbidden());
    if (collection === 'partners') return this.#partners(request, grant, id);
    if (collection === 'advertisers') return this.#advertisers(request, grant, id);
    return rpcError(notFound);
  }

  /** doubleclickbidmanager: reports, as far as to see that the token is taken. */
  queries(request: SimRequest): SimAnswer {
    const grant = this.#door.enter(request, [BID_MANAGER], dv360Words);
    return isGrant(grant) ? jsonAnswer(200, { queries: [] }) : grant;
  }

  #roles(grant: Grant): readonly string[] {
    return this.#door.broken('no_access_empty', grant) ? [] : (ROLES[placeOf(grant.actor)] ?? []);
  }

  #partners(request: SimRequest, grant: Grant, id: string | undefined): SimAnswer {
    const reachable = PARTNERS.filter(({ partnerId }) => this.#roles(grant).includes(partnerId));
    if (id === undefined) return page(request, 'partners', reachable);
    const found = reachable.find(({ partnerId }) => partnerId === id);
    return found ? jsonAnswer(200, found) : rpcError(forbidden());
  }

  #advertisers(request: SimRequest, grant: Grant, id: string | undefined): SimAnswer {
    const known = ADVERTISERS.find(({ advertiserId }) => advertiserId === id);
    if (id !== undefined && !known) return rpcError(notFound);
    const partnerId = known?.partnerId ?? request.query.get('partnerId');
    if (!partnerId) return rpcError(invalidArgument('partner_id is required.'));
    const roles = this.#roles(grant);
    const mayRead =
      roles.includes(partnerId) && !(partnerId === roles[0] && this.#door.broken('role_removed', grant));
    if (!mayRead) return rpcError(forbidden());
    if (known) return jsonAnswer(200, this.#current(known));
    const below = ADVERTISERS.filter((candidate) => candidate.partnerId === partnerId);
    return page(
      request,
      'advertisers',
      below.map((one) => this.#current(one)),
    );
  }

  #current(one: (typeof ADVERTISERS)[number]): object {
    const archived = this.#door.accountBroken('account_disabled', one.advertiserId);
    return archived ? { ...one, entityStatus: 'ENTITY_STATUS_ARCHIVED' } : one;
  }
}

function partner(partnerId: string, displayName: string, currencyCode: string, timeZone: string) {
  const generalConfig = { currencyCode, timeZone };
  return {
    name: `partners/${partnerId}`,
    partnerId,
    displayName,
    entityStatus: 'ENTITY_STATUS_ACTIVE',
    generalConfig,
  };
}

function advertiser(
  advertiserId: string,
  partnerId: string,
  displayName: string,
  status: string,
  currencyCode: string,
) {
  const generalConfig = { currencyCode, domainUrl: 'https://shoes.example', timeZone: 'Europe/Berlin' };
  const name = `advertisers/${advertiserId}`;
  return {
    name,
    advertiserId,
    partnerId,
    displayName,
    entityStatus: `ENTITY_STATUS_${status}`,
    generalConfig,
  };
}

/** An empty list is an empty object; the next page's token is absent on the last. */
function page(request: SimRequest, collection: string, entries: readonly object[]): SimAnswer {
  const start = Number(request.query.get('pageToken') ?? 0);
  const size = Math.min(Number(request.query.get('pageSize') ?? LARGEST_PAGE), LARGEST_PAGE);
  const part = entries.slice(start, start + size);
  const more = start + size < entries.length ? { nextPageToken: String(start + size) } : {};
  return jsonAnswer(200, part.length === 0 ? {} : { [collection]: part, ...more });
}

export const dv360Words = (refusal: Refusal): SimAnswer => rpcError(REFUSALS[refusal]);
