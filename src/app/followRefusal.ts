import { CAUSES, type Cause } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import { IS_KEPT } from '../core/grantState.ts';
import type { Instant } from '../core/instant.ts';
import type { AppRecord, ConnectionRecord, GrantRecord } from '../store/records.ts';
import type { ConnectionView } from '../store/store.ts';
import { lossRows, nextLookAt } from './accountLoss.ts';
import { claimPatiently } from './claimPatiently.ts';
import type { Context, House } from './context.ts';
import { evidenceOf } from './evidence.ts';
import { keptFromApp } from './held.ts';
import { giveBack, takeOver } from './lapse.ts';
import { lookBy } from './lookBy.ts';
import { LONGEST_WAIT_MS, renewGrant } from './renewGrant.ts';
import { rests } from './rest.ts';
import { settleReported } from './settle.ts';

/** What was reported is on record also where it is no failure: then its cause is null. */
export function noteReport(
  { house, workspaceId, actor }: Context,
  { connection, grant }: ConnectionView,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  const subjects = [connection.id, grant.id];
  const row = { workspaceId, at: house.now(), actor, action: 'failure.reported', subjects, detail };
  return house.store.appendActivity([row]);
}

/** What other connections on the same grant need not feel: it concerns the ad accounts that this one uses. */
const OF_CONNECTION: ReadonlySet<Cause> = new Set([
  'account_access_removed',
  'account_disabled',
  'policy_violation',
]);

/** Kept with the connection until its own accounts are read again: those of another prove nothing for it. */
async function loseAccounts(ctx: Context, { id }: ConnectionRecord, diagnosis: Diagnosis): Promise<void> {
  const { house, workspaceId, actor } = ctx;
  await house.store.transaction(async (store) => {
    const now = await store.lockConnection(workspaceId, id);
    if (now?.status !== 'connected') return;
    const { cause } = diagnosis;
    const same = now.loss?.cause === cause ? now.loss : null;
    const loss = {
      cause,
      since: same?.since ?? house.now(),
      accounts: same?.accounts ?? [],
      ...(now.loss?.atSignIn && { atSignIn: now.loss.atSignIn }),
      evidence: evidenceOf(diagnosis),
      lookAt: nextLookAt(house.now()),
    };
    const record = { ...now, loss };
    await store.updateConnection(record);
    await store.appendActivity(lossRows(record, now.loss, house.now(), actor));
  });
}

interface Refused {
  readonly connection: ConnectionRecord;
  readonly grant: GrantRecord;
  readonly app: AppRecord | null;
}

/**
 * Puts on record what a platform refused to a call with the credential, whoever made it: evidence, not a verdict. What may
 * concern the grant is asked of the platform, what concerns a part of it marks the grant, or this connection alone. Answers
 * until when the platform is not asked; null: it was, or need not be.
 * Throws {@link Problem} `temporarily_unavailable` where a mark has to wait too long for whoever holds the grant.
 */
export async function followRefusal(
  ctx: Context,
  { connection, grant, app }: Refused,
  diagnosis: Diagnosis,
): Promise<Instant | null> {
  const { cause, check, status, words } = diagnosis;
  const { code, message } = words;
  await noteReport(ctx, { connection, grant }, { cause, check, status, code, message });
  if (!IS_KEPT[grant.state]) return null;
  if (diagnosis.reach === 'grant' || diagnosis.reach === 'app' || mayBeGrant(diagnosis))
    return look(ctx, grant, app);
  if (diagnosis.reach !== 'part_of_grant') return null;
  if (OF_CONNECTION.has(diagnosis.cause)) await loseAccounts(ctx, connection, diagnosis);
  else await limitGrant(ctx, grant, diagnosis);
  return null;
}

/** An answer that is the platform's trouble first of all, and may be what this grant's death looks like: its own probe knows. */
function mayBeGrant({ reach, acceptableOthers }: Diagnosis): boolean {
  return reach === 'platform' && acceptableOthers.some((cause) => CAUSES[cause].reach === 'grant');
}

/** Looks at the grant now, or has it looked at as soon as that may be. */
async function look(ctx: Context, grant: GrantRecord, app: AppRecord | null): Promise<Instant | null> {
  const { house, actor } = ctx;
  const now = house.now();
  const heldUntil = Math.max(rests(grant, now)?.until ?? 0, keptFromApp(app, grant, now)?.until ?? 0);
  if (heldUntil > 0) {
    await lookBy(house, grant, heldUntil);
    return heldUntil;
  }
  const { workspaceId, id } = grant;
  const looked = await renewGrant(house, { workspaceId, id }, 'probe', actor);
  if (looked.kind === 'waiting') return afterHolder(house, looked.grant);
  if (looked.held) await lookBy(house, looked.grant, looked.held.until);
  return looked.held?.until ?? null;
}

/**
 * Whoever renews or probes for so long has its answer after the report, which is a look; one that died leaves the grant
 * due when it was. Who let go of it just now may have looked before: then it is looked at now.
 */
async function afterHolder(house: House, grant: GrantRecord): Promise<Instant> {
  const now = house.now();
  if (grant.leaseUntil !== null && grant.leaseUntil > now) return grant.leaseUntil;
  await lookBy(house, grant, now);
  return now;
}

/** Marks the whole grant. A report about a part is no proof that the rest works: it lifts neither a suspicion nor a loss. */
async function limitGrant(
  { house, actor }: Context,
  { workspaceId, id }: GrantRecord,
  diagnosis: Diagnosis,
): Promise<void> {
  const claim = { workspaceId, id, purpose: 'report', longestWaitMs: LONGEST_WAIT_MS };
  await claimPatiently(house, claim, async (claimed) => {
    if (claimed.state !== 'active' && claimed.state !== 'degraded') return giveBack(house, [claimed], null);
    const grant = takeOver(claimed, house.now());
    await house.committer.commit(settleReported({ grant, now: house.now(), actor }, diagnosis));
  });
}
