import type { Diagnosis } from '../core/diagnosis.ts';
import type { AppRecord, GrantRecord } from '../store/records.ts';
import { attempt, LEASE_MS } from './attempt.ts';
import type { House } from './context.ts';
import { notFound } from './errors.ts';
import type { Wish } from './tendGrant.ts';

/** A caller waits no longer than this for a renewal; the renewal itself goes on. */
export const LONGEST_WAIT_MS = 10_000;
const POLL_MS = 100;

export interface Renewal {
  /** The grant as it stands after it; as it stood before where nothing came of it. */
  readonly grant: GrantRecord;
  /** Why it failed; null: it did not, or nobody knows yet. */
  readonly diagnosis: Diagnosis | null;
  /** `held`: the app's breaker is open. `waiting`: still under way. */
  readonly kind: 'renewed' | 'proven' | 'failed' | 'nothing' | 'held' | 'waiting';
}

interface GrantKey {
  readonly workspaceId: string;
  readonly id: string;
}

/** Renews (or probes) a grant now. All who ask meanwhile, in any process, share one call to the platform. */
export async function renewGrant(house: House, key: GrantKey, wish: Wish, actor: string): Promise<Renewal> {
  const flight = house.flights.join(`${key.workspaceId} ${key.id}`, () => claimAndAttempt(house, key, wish, actor));
  const done = new AbortController();
  const timeout = house.sleep(LONGEST_WAIT_MS, done.signal).then(async (): Promise<Renewal> => {
    return { grant: await currentGrant(house, key), diagnosis: null, kind: 'waiting' };
  });
  flight.catch(() => undefined);
  try {
    return await Promise.race([flight, done.signal.aborted ? flight : timeout]);
  } finally {
    timeout.catch(() => undefined);
    done.abort();
  }
}

async function claimAndAttempt(house: House, key: GrantKey, wish: Wish, actor: string): Promise<Renewal> {
  const before = await currentGrant(house, key);
  const app = await house.store.getApp(key.workspaceId, before.appId);
  if (!app) throw notFound('app', before.appId);
  if (breakerHolds(app, house)) return { grant: before, diagnosis: null, kind: 'held' };
  const giveUpAt = house.now() + LONGEST_WAIT_MS;
  for (;;) {
    const owner = `${house.nodeId}:${wish === 'probe' ? 'probe' : 'renew'}`;
    const claimed = await house.store.claimGrant(key.workspaceId, key.id, { now: house.now(), owner, leaseMs: LEASE_MS });
    if (claimed && claimed.credentialVersion > before.credentialVersion) {
      const { previousOwner: _, ...grant } = claimed;
      await house.store.releaseGrants([grant], null);
      return { grant, diagnosis: null, kind: 'renewed' };
    }
    if (claimed) {
      const done = await attempt(house, claimed, app, wish, actor);
      const grant = done.result === 'outrun' ? await currentGrant(house, key) : done.outcome.grant;
      return { grant, diagnosis: done.diagnosis, kind: done.kind };
    }
    if (house.now() >= giveUpAt) return { grant: await currentGrant(house, key), diagnosis: null, kind: 'waiting' };
    await house.sleep(POLL_MS);
  }
}

function breakerHolds(app: AppRecord, house: House): boolean {
  return app.breaker !== null && app.breaker.openUntil > house.now();
}

async function currentGrant(house: House, key: GrantKey): Promise<GrantRecord> {
  const grant = await house.store.getGrant(key.workspaceId, key.id);
  if (!grant) throw notFound('grant', key.id);
  return grant;
}
