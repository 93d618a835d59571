import { IS_KEPT } from '../core/grantState.ts';
import { type Instant, SECOND_MS, toRfc3339 } from '../core/instant.ts';
import type { AuthMethod } from '../platforms/kit/profile.ts';
import type { AppRecord, GrantRecord } from '../store/records.ts';
import type { Context, House } from './context.ts';
import { holdSingleUse } from './settle.ts';

/** The keeper replays what is on disk at least this often. */
const REPLAY_WAIT_MS = 5 * SECOND_MS;

/**
 * Why a platform is not asked for now.
 * - `refresh_token_may_be_spent`: an answer was lost; the single-use refresh token rests while the access token works.
 * - `app_left_alone`: the app's breaker is open.
 * - `asked_a_moment_ago`: callers do not multiply the calls to a platform.
 * - `awaits_confirmation`: an earlier second try would confirm nothing.
 * - `awaits_database`: it was renewed while the database was away, and that is put on record first.
 */
export const HELD_REASONS = [
  'refresh_token_may_be_spent',
  'app_left_alone',
  'asked_a_moment_ago',
  'awaits_confirmation',
  'awaits_database',
] as const;

export interface Held {
  readonly reason: (typeof HELD_REASONS)[number];
  readonly until: Instant;
}

/** Whether a single-use refresh token that may be spent is held back now, and until when. */
export function heldBack(method: AuthMethod, grant: GrantRecord, now: Instant): Held | null {
  if (grant.facts.unknownOutcomeAt === null) return null;
  const until = holdSingleUse({ grant, method, now }, now);
  return until > now ? { reason: 'refresh_token_may_be_spent', until } : null;
}

/** Whether the app is left alone now, and until when. */
export function leftAlone(app: Pick<AppRecord, 'breaker'> | null, now: Instant): Held | null {
  const until = app?.breaker?.openUntil ?? 0;
  return until > now ? { reason: 'app_left_alone', until } : null;
}

/** The same for one grant of it: an app that is left alone is asked all the same for what is urgent. */
export function keptFromApp(
  app: Pick<AppRecord, 'breaker'> | null,
  { urgentAt }: Pick<GrantRecord, 'urgentAt'>,
  now: Instant,
): Held | null {
  const alone = leftAlone(app, now);
  if (alone === null || urgentAt === null) return alone;
  const until = Math.min(alone.until, urgentAt);
  return until > now ? { ...alone, until } : null;
}

/** Nothing is sent for a grant whose newest credential waits on disk; it is looked at again so soon. */
export function awaitsDatabase(now: Instant): Held {
  return { reason: 'awaits_database', until: now + REPLAY_WAIT_MS };
}

/** Where it can be asked what waits on disk, and how platforms renew. */
interface Asked {
  readonly committer: Pick<House['committer'], 'isBehind'>;
  readonly registry: Pick<House['registry'], 'find'>;
}

/**
 * Whether the refresh token on record may be spent since a newer credential waits on disk. Where nobody can tell what lies
 * there, that holds for whatever is single use; the others lose nothing by being sent.
 */
export async function awaitsReplay({ committer, registry }: Asked, grant: GrantRecord): Promise<boolean> {
  const behind = await committer.isBehind(grant);
  if (behind !== null) return behind;
  if (!grant.facts.renewable) return false;
  const method = await knownMethod(registry, grant);
  return method?.cadence.singleUseRenewal.value !== false;
}

/** Undefined: it cannot be told now. */
async function knownMethod(
  registry: Asked['registry'],
  { workspaceId, platform, method }: GrantRecord,
): Promise<AuthMethod | undefined> {
  const found = await registry.find(workspaceId, platform).catch(() => null);
  return found?.profile.methods.find(({ id }) => id === method);
}

/**
 * What keeps the next renewal of each of these grants back, of whatever lasts longest; null: nothing does, or there is
 * none to come. Their apps are looked up in one trip, however many they are. What waits on disk is known to the process
 * that put it there.
 */
export async function whatHolds(
  { house, workspaceId }: Context,
  grants: readonly GrantRecord[],
  now: Instant,
): Promise<readonly (Held | null)[]> {
  const ids = new Set(grants.map(({ appId }) => appId));
  const apps = await house.store.getApps([...ids].map((id) => ({ workspaceId, id })));
  const appOf = new Map(apps.map((app) => [app.id, app]));
  const asked = { committer: house.committer, registry: { find: askedOnce(house.registry.find) } };
  return Promise.all(grants.map((grant) => whatHoldsOne(asked, grant, appOf.get(grant.appId) ?? null, now)));
}

async function whatHoldsOne(
  asked: Asked,
  grant: GrantRecord,
  app: AppRecord | null,
  now: Instant,
): Promise<Held | null> {
  if (!IS_KEPT[grant.state]) return null;
  if (await awaitsReplay(asked, grant)) return awaitsDatabase(now);
  const alone = keptFromApp(app, grant, now);
  const method = grant.facts.unknownOutcomeAt === null ? undefined : await knownMethod(asked.registry, grant);
  const spent = method ? heldBack(method, grant, now) : null;
  return (spent?.until ?? 0) >= (alone?.until ?? 0) ? spent : alone;
}

/** A platform that many rows of a page rest on is looked up once. */
function askedOnce(find: House['registry']['find']): House['registry']['find'] {
  const found = new Map<string, ReturnType<typeof find>>();
  return (workspaceId, id) => {
    const known = found.get(id) ?? find(workspaceId, id);
    found.set(id, known);
    return known;
  };
}

/** A renewal goes out when the grant is due, later than planned where it failed before, and when it is let go, at the earliest. */
export function renewedAfter(grant: GrantRecord, held: Held | null): GrantRecord {
  if (grant.renewAt === null) return grant;
  return { ...grant, renewAt: Math.max(grant.renewAt, grant.dueAt ?? 0, held?.until ?? 0) };
}

/** As the API shows it. */
export function viewHeld(held: Held | null) {
  return held && { reason: held.reason, until: toRfc3339(held.until) };
}
