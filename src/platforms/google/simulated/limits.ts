import { MINUTE_MS } from '../../../core/instant.ts';
import { type Counted, type LimitPlan, secondsLeft } from '../../kit/callLimits.ts';
import { bearerOf, type SimRequest, type SimWorld } from '../../kit/simulator.ts';
import { adsQuotaSpent } from './adsApi.ts';
import type { PlatformId } from './apps.ts';
import { cm360Words } from './cm360Api.ts';
import { dv360Words } from './dv360Api.ts';
import type { Grants } from './grants.ts';

/** All clients lie in one Cloud project, and so do its service accounts. */
const PROJECT = 'project';

/** Basic access. When the day of an operation ends is not said: here at midnight UTC. */
const ADS_OPERATIONS = {
  most: 15_000,
  window: { midnightIn: 'UTC' },
  source: 'https://developers.google.com/google-ads/api/docs/api-policy/access-levels',
  checked: '2026-09-30',
};
const CM360 = {
  source: 'https://developers.google.com/doubleclick-advertisers/quotas',
  checked: '2026-09-30',
};
const CM360_DAY = { most: 50_000, window: { midnightIn: 'America/Los_Angeles' }, ...CM360 };
const CM360_MINUTE = { most: 60, window: MINUTE_MS, ...CM360 };
const DV360 = { source: 'https://developers.google.com/display-video/api/limits', checked: '2026-03-23' };
const DV360_PROJECT = { most: 1_500, window: MINUTE_MS, ...DV360 };
const DV360_ADVERTISER = { most: 300, window: MINUTE_MS, ...DV360 };

/** No header tells of these limits. Bid Manager's, the sign-in's and those of the stream of events are not certain, or not stated. */
export function callLimits(world: SimWorld, grants: Grants): Readonly<Record<PlatformId, LimitPlan>> {
  return {
    'google-ads': {
      counts: ({ host }) =>
        host === 'googleads.googleapis.com' ? [{ limit: ADS_OPERATIONS, whose: PROJECT }] : [],
      refuse: ({ path }, over) => adsQuotaSpent(path, secondsLeft(over, world.now())),
    },
    'google-cm360': {
      counts: (request) => (request.path.startsWith('/dfareporting/') ? cm360Counts(request, grants) : []),
      refuse: (_, { limit }) => cm360Words(limit === CM360_DAY ? 'quota' : 'rate'),
    },
    'google-dv360': {
      counts: ({ host, path }) => (host === 'displayvideo.googleapis.com' ? dv360Counts(path) : []),
      refuse: () => dv360Words('rate'),
    },
  };
}

function cm360Counts(request: SimRequest, grants: Grants): readonly Counted[] {
  const user = grants.access(bearerOf(request))?.grant.actor ?? 'nobody known';
  return [
    { limit: CM360_DAY, whose: PROJECT },
    { limit: CM360_MINUTE, whose: user },
  ];
}

function dv360Counts(path: string): readonly Counted[] {
  const advertiser = /^\/v\d+\/advertisers\/(\d+)/.exec(path)?.[1];
  const ofAdvertiser = advertiser === undefined ? [] : [{ limit: DV360_ADVERTISER, whose: advertiser }];
  return [{ limit: DV360_PROJECT, whose: PROJECT }, ...ofAdvertiser];
}
