import { CAUSES } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import { type Instant, MINUTE_MS } from '../core/instant.ts';
import { accessWorks } from '../core/outage.ts';
import { retryAt } from '../core/retry.ts';
import type { AppRecord, GrantRecord } from '../store/records.ts';
import type { ClaimedGrant, GrantOutcome } from '../store/store.ts';
import { noteRecovered, noteRefused } from './appHealth.ts';
import type { CommitResult } from './committer.ts';
import type { House } from './context.ts';
import { awaitsDatabase, awaitsReplay } from './held.ts';
import { takeOver } from './lapse.ts';
import { settlePassing } from './settle.ts';
import { type Tended, tendGrant, type Wish } from './tendGrant.ts';
import type { Traffic } from './uncertainty.ts';

/**
 * How long a claim holds. An attempt begins no call that could outlast it (`watched`), however long its chain of calls is;
 * what is outrun all the same is kept aside.
 */
export const LEASE_MS = 120_000;

export interface Attempted extends Tended {
  readonly result: CommitResult;
}

/** Tends a claimed grant and puts the outcome on record. A fault of ours in one grant never reaches another. */
export async function attempt(
  house: House,
  claimed: ClaimedGrant,
  app: AppRecord,
  wish: Wish,
  actor: string,
): Promise<Attempted> {
  const tended = (await awaitsReplay(house, claimed))
    ? await leftForReplay(house, claimed, actor)
    : await tendSafely(house, claimed, app, wish, actor);
  const result = await house.committer.commit({ ...tended.outcome, claimed });
  if (result === 'outrun' && tended.kind === 'renewed') await house.committer.keep(tended.outcome);
  await followHealth(house, app, tended).catch((error) => {
    house.log.warn({ app: app.id, err: error }, 'An app’s breaker could not be put on record');
  });
  return { ...tended, result };
}

/**
 * The refresh token on record may be spent, and the newest credential is on disk: nothing is sent before it is back. What
 * stays on disk is waited for by the table of retries, and once the access token has ended, nothing works.
 */
async function leftForReplay(house: House, claimed: ClaimedGrant, actor: string): Promise<Tended> {
  const now = house.now();
  const grant = takeOver(claimed, now);
  const works = accessWorks(grant.facts, now);
  const outcome = works
    ? { grant: waitedFor(grant, now), activity: [] }
    : await settleOwnFault(house, grant, UNREPLAYED, actor);
  return { outcome, kind: 'held', held: awaitsDatabase(now), diagnosis: null, issued: null };
}

function waitedFor(grant: GrantRecord, now: Instant): GrantRecord {
  const { id, dueAt, urgentAt, facts } = grant;
  if (dueAt === null || dueAt > now) return grant;
  const failures = grant.failures + 1;
  const endsAt = facts.accessExpiresAt;
  const again = retryAt({
    failures,
    now,
    grantId: id,
    retryAfterSeconds: null,
    urgentAt,
    endsAt,
    downSince: null,
  });
  return { ...grant, failures, dueAt: Math.min(again, endsAt ?? again) };
}

/** A fault of ours is a failure of this attempt; an unknown outcome only where a refresh token may have been sent. */
async function tendSafely(
  house: House,
  claimed: ClaimedGrant,
  app: AppRecord,
  wish: Wish,
  actor: string,
): Promise<Tended> {
  const traffic: Traffic = { mayHaveRenewed: false };
  try {
    return await tendGrant(house, claimed, app, wish, actor, traffic);
  } catch (error) {
    house.log.error(
      { grant: claimed.id, platform: claimed.platform, err: error },
      'A grant could not be tended',
    );
    const diagnosis = ownFault(error, traffic.mayHaveRenewed);
    const outcome = await settleOwnFault(house, takeOver(claimed, house.now()), diagnosis, actor);
    return { outcome, kind: 'failed', diagnosis, issued: null };
  }
}

/** Where not even the platform's rules can be read, the grant is left as it is, for later. */
async function settleOwnFault(
  house: House,
  grant: GrantRecord,
  diagnosis: Diagnosis,
  actor: string,
): Promise<GrantOutcome> {
  const now = house.now();
  const unknown = diagnosis.meaning === 'unknown_outcome';
  const platform = await house.registry.find(grant.workspaceId, grant.platform).catch(() => null);
  const method = platform?.profile.methods.find((candidate) => candidate.id === grant.method);
  if (method) return settlePassing({ grant, method, now, actor }, diagnosis, unknown);
  const facts = unknown ? { ...grant.facts, unknownOutcomeAt: now } : grant.facts;
  return { grant: { ...grant, facts, dueAt: now + MINUTE_MS, dueReason: 'retry' }, activity: [] };
}

/** A fault in this program: passing for the grant, and never its own. The error's text stays in the log. */
function ownFault(error: unknown, mayHaveRenewed: boolean): Diagnosis {
  return {
    ...OF_OURS,
    meaning: mayHaveRenewed ? 'unknown_outcome' : 'transient',
    words: { code: error instanceof Error ? error.name : 'Error', message: null },
  };
}

const OF_OURS = {
  cause: 'unknown',
  meaning: 'transient',
  permanent: false,
  who: 'operator',
  reach: 'call',
  explanation: CAUSES.unknown.meaning,
  remedy: CAUSES.unknown.remedy,
  acceptableOthers: [],
  check: 'internal.exception',
  words: { code: null, message: null },
  endpoint: 'token',
  status: null,
  retryAfterSeconds: null,
} as const satisfies Diagnosis;

const UNREPLAYED: Diagnosis = {
  ...OF_OURS,
  explanation: 'What its last renewal brought lies in the spool, and could not be put on record yet.',
  remedy: 'See to the spool in the data folder; the log says what keeps it from being read or written.',
  check: 'internal.awaits_replay',
};

async function followHealth(house: House, app: AppRecord, tended: Tended): Promise<void> {
  if (tended.kind === 'nothing' || tended.kind === 'held') return;
  if (tended.diagnosis === null) {
    if (house.breakers.succeeded(app, tended.kind === 'renewed')) await noteRecovered(house, app);
    return;
  }
  const { breakers } = house;
  const now = house.now();
  const known = breakers.isKnown(app);
  const breaker =
    breakers.failed(app, tended.outcome.grant.id, tended.diagnosis, now) ??
    breakers.noticed(app, tended.diagnosis, now);
  const news = known ? null : tended.diagnosis;
  if (breaker) await noteRefused(house, app, breaker, news);
}
