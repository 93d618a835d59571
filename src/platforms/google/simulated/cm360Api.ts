import { jsonAnswer, type SimAnswer, type SimRequest } from '../../kit/simulator.ts';
import { type ApiDoor, isGrant } from './apiDoor.ts';
import { forbidden, legacyError, notFound, REFUSALS, type Refusal } from './apiErrors.ts';
import { Cm360Reports, type Owner } from './cm360Reports.ts';
import type { Grant } from './grants.ts';
import { personBy, placeOf } from './people.ts';
import { DDM_CONVERSIONS, DFA_REPORTING, DFA_TRAFFICKING } from './scopes.ts';

interface Network {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly currencyId: string;
}

/** The network that the switch “account disabled” deactivates. */
export const FRAGILE_NETWORK = '5001';

const NETWORKS: readonly Network[] = [
  { id: FRAGILE_NETWORK, name: 'Summer Shoes EMEA', active: true, currencyId: '17' },
  { id: '5002', name: 'Summer Shoes US', active: true, currencyId: '1' },
  { id: '5003', name: 'Old Shop', active: false, currencyId: '2' },
];

/** The networks of the n-th person (or service account). */
const MEMBERSHIPS: readonly (readonly string[])[] = [
  ['5001', '5002', '5003'],
  ['5001', '5002'],
  ['5001', '5003'],
  ['5001'],
];

/** Kinds of things that belong to reporting, and to its scope. */
const REPORTING = ['reports', 'files'];

/** dfareporting, any version: user profiles, their accounts, advertisers and reports. Limits are 403s. */
export class Cm360Api {
  readonly #door: ApiDoor;
  readonly #reports: Cm360Reports;

  constructor(door: ApiDoor) {
    this.#door = door;
    this.#reports = new Cm360Reports(door.now);
  }

  handle(request: SimRequest): SimAnswer {
    const [collection, id, kind, ...rest] = request.path
      .replace(/^\/dfareporting\/v[\d.]+\/?/, '')
      .split('/');
    const isReporting = collection === 'reports' || REPORTING.includes(kind ?? '');
    if (!isReporting && (collection !== 'userprofiles' || request.method !== 'GET'))
      return legacyError(notFound);
    const grant = this.#door.enter(request, scopesFor(isReporting, id), cm360Words);
    if (!isGrant(grant)) return grant;
    if (this.#door.broken('no_access_refused', grant)) return legacyError(forbidden('Forbidden'));
    const profiles = this.#profiles(grant);
    if (collection === 'reports') return this.#file(request, grant, [id, kind, ...rest]);
    if (!id) return jsonAnswer(200, list('userProfileList', profiles.length > 0 ? { items: profiles } : {}));
    const profile = profiles.find((candidate) => candidate.profileId === id);
    if (!profile) return legacyError(forbidden('Forbidden'));
    if (!kind) return jsonAnswer(200, profile);
    if (this.#door.broken('role_removed', grant)) return legacyError(forbidden('Forbidden'));
    if (kind === 'reports') return this.#reports.handle(request, ownerOf(profile), rest);
    return kind === 'files'
      ? this.#reports.filesOf(request, ownerOf(profile))
      : this.#below(profile.accountId, kind, rest[0]);
  }

  /** The one path that names no profile: `reports/{reportId}/files/{fileId}`. */
  #file(
    request: SimRequest,
    grant: Grant,
    [reportId, kind, fileId]: readonly (string | undefined)[],
  ): SimAnswer {
    if (this.#door.broken('role_removed', grant)) return legacyError(forbidden('Forbidden'));
    if (kind !== 'files' || request.method !== 'GET') return legacyError(notFound);
    return this.#reports.fileBy(request, this.#profiles(grant).map(ownerOf), reportId ?? '', fileId ?? '');
  }

  #profiles(grant: Grant) {
    if (this.#door.broken('no_access_empty', grant)) return [];
    const place = placeOf(grant.actor);
    const memberships = MEMBERSHIPS[place] ?? [];
    return memberships.map((accountId, index) => ({
      kind: 'dfareporting#userProfile',
      etag: '"simulated"',
      profileId: `90${place}${index}`,
      userName: personBy(grant.actor)?.email ?? grant.actor,
      accountId,
      accountName: NETWORKS.find((network) => network.id === accountId)?.name,
    }));
  }

  #below(accountId: string, kind: string, id: string | undefined): SimAnswer {
    const network = NETWORKS.find((candidate) => candidate.id === accountId);
    if (kind === 'accounts' && network && id === accountId) {
      const active = network.active && !this.#door.accountBroken('account_disabled', accountId);
      return jsonAnswer(200, {
        kind: 'dfareporting#account',
        ...network,
        active,
        accountProfile: 'ACCOUNT_PROFILE_BASIC',
      });
    }
    if (kind !== 'advertisers' || id) return legacyError(notFound);
    const advertiser = { kind: 'dfareporting#advertiser', ...advertiserOf(accountId), status: 'APPROVED' };
    return jsonAnswer(200, list('advertisersListResponse', { advertisers: [advertiser] }));
  }
}

function scopesFor(isReporting: boolean, profileId: string | undefined): readonly string[] {
  if (isReporting) return [DFA_REPORTING];
  return profileId ? [DFA_TRAFFICKING] : [DFA_TRAFFICKING, DFA_REPORTING, DDM_CONVERSIONS];
}

/** Each network has one advertiser: its spend is the network's. */
const advertiserOf = (accountId: string) => ({
  id: `${accountId}01`,
  accountId,
  name: `Advertiser of ${accountId}`,
});

const ownerOf = ({
  profileId,
  accountId,
}: {
  readonly profileId: string;
  readonly accountId: string;
}): Owner => ({
  profileId,
  accountId,
  advertiser: advertiserOf(accountId),
});

const list = (kind: string, fields: object) => ({
  kind: `dfareporting#${kind}`,
  etag: '"simulated"',
  ...fields,
});

/** A used-up allowance and too many calls are told apart by their reason alone. */
export function cm360Words(refusal: Refusal): SimAnswer {
  if (refusal === 'quota')
    return legacyError({ ...forbidden('Daily Limit Exceeded'), legacy: 'dailyLimitExceeded' });
  if (refusal === 'rate')
    return legacyError({ ...forbidden('User Rate Limit Exceeded'), legacy: 'userRateLimitExceeded' });
  return legacyError(REFUSALS[refusal]);
}
