import { jsonAnswer, type SimAnswer, type SimRequest, type SimWorld } from '../../kit/simulator.ts';
import { type ApiDoor, isGrant } from './apiDoor.ts';
import { forbidden, invalidArgument, notFound, REFUSALS, type Refusal, rpcError } from './apiErrors.ts';
import { BidManager } from './bidManager.ts';
import type { Grant } from './grants.ts';
import { page } from './pages.ts';
import { placeOf } from './people.ts';
import { BID_MANAGER, DISPLAY_VIDEO, DISPLAY_VIDEO_USERS } from './scopes.ts';

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

/** displayvideo, any version: partners, advertisers, users; and the Bid Manager API beside it. */
export class Dv360Api {
  readonly #door: ApiDoor;
  readonly #bidManager: BidManager;

  constructor(door: ApiDoor, world: SimWorld) {
    this.#door = door;
    this.#bidManager = new BidManager(world);
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

  /** doubleclickbidmanager: queries and their reports, of the advertisers that this user may read. */
  queries(request: SimRequest): SimAnswer {
    const grant = this.#door.enter(request, [BID_MANAGER], dv360Words);
    if (!isGrant(grant)) return grant;
    if (this.#door.broken('no_access_refused', grant)) return rpcError(forbidden());
    const reachable = ADVERTISERS.filter(({ partnerId }) => this.#mayRead(grant, partnerId));
    return this.#bidManager.handle(request, grant.actor, reachable);
  }

  /** The storage in which reports' files lie. */
  file(request: SimRequest): SimAnswer {
    return this.#bidManager.file(request);
  }

  #roles(grant: Grant): readonly string[] {
    return this.#door.broken('no_access_empty', grant) ? [] : (ROLES[placeOf(grant.actor)] ?? []);
  }

  #mayRead(grant: Grant, partnerId: string): boolean {
    const roles = this.#roles(grant);
    const isRemoved = partnerId === roles[0] && this.#door.broken('role_removed', grant);
    return roles.includes(partnerId) && !isRemoved;
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
    if (!this.#mayRead(grant, partnerId)) return rpcError(forbidden());
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

export const dv360Words = (refusal: Refusal): SimAnswer => rpcError(REFUSALS[refusal]);
