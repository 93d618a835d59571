import type { Diagnosis } from '../core/diagnosis.ts';
import type { AppRecord, GrantRecord } from '../store/records.ts';
import type { ClaimedGrant } from '../store/store.ts';
import { attempt, LEASE_MS } from './attempt.ts';
import type { House } from './context.ts';
import { notFound } from './errors.ts';
import { type Held, keptFromApp } from './held.ts';
import type { Wish } from './tendGrant.ts';

/** A caller waits no longer than this for a renewal; the renewal itself goes on. */
export const LONGEST_WAIT_MS = 10_000;
const POLL_MS = 100;

export interface Renewal {
  /** The grant as it stands after it; as it stood before where nothing came of it. */
  readonly grant: GrantRecord;
  /** Why it failed; null: it did not, or nobody knows yet. */
  readonly diagnosis: Diagnosis | null;
  /** `held`: the platform was not asked, see `held`. `waiting`: still under way. */
  readonly kind: 'renewed' | 'proven' | 'failed' | 'nothing' | 'held' | 'waiting';
  readonly held?: Held;
}

interface GrantSeen {
  readonly workspaceId: string;
  readonly id: string;
  /** The credential that the caller found wanting: where a newer one is there by now, that is the renewal. */
  readonly credentialVersion?: number;
}

/** By which an attempt at a grant is found by whoever wants the same. */
export function flightKey({ workspaceId, id }: GrantSeen): string {
  return `${workspaceId} ${id}`;
}

/** Renews (or probes) a grant now. All who ask meanwhile, in any process, share one call to the platform. */
export async function renewGrant(house: House, seen: GrantSeen, wish: Wish, actor: string): Promise<Renewal> {
  const flight = fly(house, seen, wish, actor);
  const done = new AbortController();
  const timeout = house.sleep(LONGEST_WAIT_MS, done.signal).then(async (): Promise<Renewal> => {
    if (done.signal.aborted) return flight;
    return { grant: await currentGrant(house, seen), diagnosis: null, kind: 'waiting' };
  });
  flight.catch(() => undefined);
  timeout.catch(() => undefined);
  try {
    return await Promise.race([flight, timeout]);
  } finally {
    done.abort('done');
  }
}

/** Joins what is under way; a probe that is brings no renewal, so one that was asked for follows it. */
async function fly(house: House, seen: GrantSeen, wish: Wish, actor: string): Promise<Renewal> {
  const under = house.flights.under(flightKey(seen)) as Promise<Renewal> | undefined;
  const joined = await under;
  if (joined && (wish === 'probe' || (joined.kind !== 'proven' && joined.kind !== 'nothing'))) return joined;
  return house.flights.join(flightKey(seen), () => claimAndAttempt(house, seen, wish, actor));
}

async function claimAndAttempt(house: House, seen: GrantSeen, wish: Wish, actor: string): Promise<Renewal> {
  const before = await currentGrant(house, seen);
  const known =
    wish === 'renew' ? (seen.credentialVersion ?? before.credentialVersion) : before.credentialVersion;
  if (before.credentialVersion > known) return { grant: before, diagnosis: null, kind: 'renewed' };
  const app = await house.store.getApp(seen.workspaceId, before.appId);
  if (!app) throw notFound('app', before.appId);
  const held = keptFromApp(app, before, house.now());
  if (held) return { grant: before, diagnosis: null, kind: 'held', held };
  const giveUpAt = house.now() + LONGEST_WAIT_MS;
  // Counted too: a clock that stands still brings no end of a lease, and none of the waiting.
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const owner = `${house.nodeId}:${wish === 'probe' ? 'probe' : 'renew'}`;
    const claimed = await house.store.claimGrant(seen.workspaceId, seen.id, {
      now: house.now(),
      owner,
      leaseMs: LEASE_MS,
    });
    const done = claimed && doneMeanwhile(claimed, known, before);
    if (done) {
      await house.store.releaseGrants([done.grant], null);
      return done;
    }
    if (claimed) return attemptClaimed(house, claimed, app, wish, actor);
    if (house.now() >= giveUpAt || waitedMs >= LONGEST_WAIT_MS)
      return { grant: await currentGrant(house, seen), diagnosis: null, kind: 'waiting' };
    await house.sleep(POLL_MS);
  }
}

/** After the claim, look again: while it was waited for, somebody else may have done it, or failed at it. */
function doneMeanwhile(
  { previousOwner, ...grant }: ClaimedGrant,
  known: number,
  before: GrantRecord,
): Renewal | null {
  if (previousOwner !== null) return null;
  if (grant.credentialVersion > known) return { grant, diagnosis: null, kind: 'renewed' };
  return grant.failures > before.failures ? { grant, diagnosis: null, kind: 'failed' } : null;
}

/** Attempts what is claimed, and tells it as those who join the flight expect it: never a credential that is not on record. */
export async function attemptClaimed(
  house: House,
  claimed: ClaimedGrant,
  app: AppRecord,
  wish: Wish,
  actor: string,
): Promise<Renewal> {
  const done = await attempt(house, claimed, app, wish, actor);
  const grant = done.result === 'outrun' ? await currentGrant(house, claimed) : done.outcome.grant;
  return { grant, diagnosis: done.diagnosis, kind: done.kind, held: done.held };
}

async function currentGrant(house: House, key: GrantSeen): Promise<GrantRecord> {
  const grant = await house.store.getGrant(key.workspaceId, key.id);
  if (!grant) throw notFound('grant', key.id);
  return grant;
}
