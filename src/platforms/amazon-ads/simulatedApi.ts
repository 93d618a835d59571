import {
  bearerOf,
  jsonAnswer,
  jsonOf,
  type SimAnswer,
  type SimRequest,
  type SimWorld,
} from '../kit/simulator.ts';
import { GLOBAL_ACCOUNTS, PLACES, type SimPlace } from './simulatedAccounts.ts';
import type { SimConsent, SimulatedLogin } from './simulatedLogin.ts';
import { storageAnswer } from './simulatedReportStorage.ts';
import { SimulatedReports } from './simulatedReports.ts';

const ACCOUNTS_MEDIA_TYPE = 'application/vnd.listaccountsresource.v1+json';
/** Smaller than what callers ask for, so that they must follow the pages. */
const MOST_PER_PAGE = 2;

/** The Ads API on its four hosts: a profile is known on its own region's host only. */
export class SimulatedAdsApi {
  throttles = false;
  down = false;
  /** `person profileId` pairs of roles that were taken away. */
  readonly rolesRemoved = new Set<string>();
  /** Advertisers whose account was disabled. */
  readonly disabled = new Set<string>();
  readonly #world: SimWorld;
  readonly #login: SimulatedLogin;
  readonly #reports: SimulatedReports;

  constructor(world: SimWorld, login: SimulatedLogin) {
    this.#world = world;
    this.#login = login;
    this.#reports = new SimulatedReports(world);
  }

  handle(request: SimRequest): SimAnswer {
    if (this.throttles) return this.tooMany();
    if (this.down) return this.#error(500, 'INTERNAL_ERROR', 'An unexpected error occurred.');
    const consent = this.#login.consentOf(bearerOf(request));
    const clientId =
      request.headers['amazon-advertising-api-clientid'] ?? request.headers['amazon-ads-clientid'];
    if (!consent || clientId !== consent.clientId || this.#login.unapproved.has(clientId)) {
      return this.#error(401, 'UNAUTHORIZED', consent ? 'Not authenticated' : 'Authentication failed');
    }
    return this.#route(request, consent) ?? this.#gateway(request);
  }

  /** The storage of reports: apart from the API, and not throttled with it. */
  storage(request: SimRequest): SimAnswer {
    return storageAnswer(request, this.#world.now(), this.#reports.file(request.path));
  }

  tooMany(): SimAnswer {
    return this.#json(
      429,
      { code: '429', details: 'Too Many Requests', requestId: this.#world.token(20) },
      { 'retry-after': '7' },
    );
  }

  visible(person: string): readonly SimPlace[] {
    return PLACES.filter(
      (place) =>
        place.viewers.includes(person) && !this.rolesRemoved.has(`${person} ${place.profile.profileId}`),
    );
  }

  #route(request: SimRequest, consent: SimConsent): SimAnswer | undefined {
    const { method, path } = request;
    if (path === '/v2/profiles' && method === 'GET') return this.#profiles(request, consent);
    if (path === '/v2/profiles' && method === 'PUT') return this.#updateProfiles(request);
    if (/^\/v2\/profiles\/\d+$/.test(path) && method === 'GET') return this.#profile(request, consent);
    if (path === '/managerAccounts' && method === 'GET') return this.#managerAccounts(request, consent);
    if (path === '/adsAccounts/list' && method === 'POST') return this.#adsAccounts(request, consent);
    if (path === '/dsp/advertisers' && method === 'GET')
      return this.#scoped(request, consent, { totalResults: 0, response: [] });
    if (path === '/v2/stores' && method === 'GET') return this.#scoped(request, consent, []);
    if (path === '/v2/portfolios' && method === 'GET') return this.#scoped(request, consent, []);
    if (path === '/sp/campaigns/list' && method === 'POST')
      return this.#scoped(request, consent, { campaigns: [], totalResults: 0 });
    return /^\/reporting\/reports(\/|$)/.test(path) ? this.#report(request, consent) : undefined;
  }

  #report(request: SimRequest, consent: SimConsent): SimAnswer {
    const refused = this.#refusesScope(request, consent);
    if (refused) return refused;
    const profileId = request.headers['amazon-advertising-api-scope'] ?? '';
    const reportId = request.path.split('/')[3];
    const [status, body] =
      request.method === 'POST'
        ? this.#reports.ask(request, profileId)
        : this.#reports.poll(reportId ?? '', profileId);
    return this.#json(status, body);
  }

  #here(request: SimRequest, consent: SimConsent): readonly SimPlace[] {
    const label = request.host.split('.')[0];
    const host = label === 'advertising-api-test' ? 'advertising-api' : label;
    return this.visible(consent.person).filter((place) => place.host === host);
  }

  /** Without `accessLevel`, what can only be viewed is hidden. */
  #profiles(request: SimRequest, consent: SimConsent): SimAnswer {
    const all = this.#here(request, consent);
    const viewToo = request.query.get('accessLevel') === 'view';
    const found = viewToo ? all : all.filter((place) => place.editors.includes(consent.person));
    return this.#json(
      200,
      found.map((place) => place.profile),
    );
  }

  #updateProfiles(request: SimRequest): SimAnswer {
    const sent: unknown = JSON.parse(request.body || '[]');
    const entries = Array.isArray(sent) ? (sent as { profileId?: unknown }[]) : [];
    return this.#json(
      207,
      entries.map(({ profileId }) => ({ profileId, code: 'SUCCESS' })),
    );
  }

  #profile(request: SimRequest, consent: SimConsent): SimAnswer {
    const id = request.path.split('/').at(-1);
    const place = this.#here(request, consent).find(({ profile }) => String(profile.profileId) === id);
    return place ? this.#json(200, place.profile) : this.#error(404, 'NOT_FOUND', 'Could not find profile');
  }

  #managerAccounts(request: SimRequest, consent: SimConsent): SimAnswer {
    const linkedAccounts = this.#here(request, consent).map(({ profile }) => ({
      accountId: profile.accountInfo.id,
      accountName: profile.accountInfo.name ?? null,
      accountType: profile.accountInfo.type.toUpperCase(),
      dspAdvertiserId: null,
      marketplaceId: profile.accountInfo.marketplaceStringId,
      profileId: String(profile.profileId),
    }));
    const manager = {
      managerAccountId: 'amzn1.ads1.ma1.summer',
      managerAccountName: 'Summer Agency',
      linkedAccounts,
    };
    return this.#json(200, { managerAccounts: [manager] });
  }

  #adsAccounts(request: SimRequest, consent: SimConsent): SimAnswer {
    if (!request.headers['content-type']?.startsWith(ACCOUNTS_MEDIA_TYPE)) {
      return this.#error(415, '415', 'Cannot consume content type');
    }
    const places = this.visible(consent.person);
    const accounts = GLOBAL_ACCOUNTS.map((account) => this.#globalAccount(account, places)).filter(
      (account) => account.alternateIds.length > 0,
    );
    const from = Number(jsonOf(request).nextToken ?? 0);
    const nextToken = accounts.length > from + MOST_PER_PAGE ? String(from + MOST_PER_PAGE) : undefined;
    return this.#json(200, { adsAccounts: accounts.slice(from, from + MOST_PER_PAGE), nextToken });
  }

  #globalAccount({ advertiser, ...account }: (typeof GLOBAL_ACCOUNTS)[number], places: readonly SimPlace[]) {
    const held = places.filter(({ profile }) => profile.accountInfo.id === advertiser);
    const alternateIds = held.flatMap(({ profile: { countryCode, profileId } }) => [
      { countryCode, profileId },
      { countryCode, entityId: `ENTITY${profileId}` },
    ]);
    const status = this.disabled.has(advertiser) ? 'DISABLED' : account.status;
    return {
      ...account,
      status,
      countryCodes: held.map(({ profile }) => profile.countryCode),
      alternateIds,
      errors: {},
    };
  }

  /** Calls for one ad account: the scope header names the profile. */
  #scoped(request: SimRequest, consent: SimConsent, body: unknown): SimAnswer {
    return this.#refusesScope(request, consent) ?? this.#json(200, body);
  }

  #refusesScope(request: SimRequest, consent: SimConsent): SimAnswer | undefined {
    const scope = request.headers['amazon-advertising-api-scope'];
    if (!scope) return this.#error(401, 'UNAUTHORIZED', 'Scope header is missing');
    if (this.#here(request, consent).some(({ profile }) => String(profile.profileId) === scope))
      return undefined;
    const exists = PLACES.some(
      ({ profile, host }) => String(profile.profileId) === scope && request.host.startsWith(`${host}.`),
    );
    if (!exists) return this.#error(401, 'UNAUTHORIZED', 'No matching advertiser found for scope');
    const words =
      'Not authorized to access scope. Not authorized to manage this profile. Please check permissions and consent from the advertiser.';
    return this.#error(401, 'UNAUTHORIZED', words);
  }

  /** A path that does not exist ends at the gateway, which expects its own kind of Authorization header. */
  #gateway(request: SimRequest): SimAnswer {
    const words = `Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '${request.path.length}='.`;
    return this.#json(403, { message: words });
  }

  #error(status: number, code: string, details: string): SimAnswer {
    return this.#json(status, { code, details, requestId: this.#world.token(20) });
  }

  #json(status: number, body: unknown, headers: Record<string, string> = {}): SimAnswer {
    return jsonAnswer(status, body, { 'x-amz-request-id': this.#world.token(20), ...headers });
  }
}
