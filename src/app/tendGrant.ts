import { CAUSES, type Cause } from '../core/cause.ts';
import { canRenew } from '../core/deadline.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import { IS_KEPT } from '../core/grantState.ts';
import { type Instant, MINUTE_MS } from '../core/instant.ts';
import { accessWorks } from '../core/outage.ts';
import { retryAt } from '../core/retry.ts';
import { decideVerdict, type ProbeWord, refusesGrant } from '../core/verdict.ts';
import type { Issued } from '../platforms/kit/adapter.ts';
import type { AppRecord, GrantRecord } from '../store/records.ts';
import type { ClaimedGrant, GrantOutcome } from '../store/store.ts';
import { askProbe } from './askProbe.ts';
import type { House } from './context.ts';
import { type Held, heldBack } from './held.ts';
import { takeOver } from './lapse.ts';
import {
  changedSecrets,
  diagnoseFor,
  type OpenGrant,
  openAppOnce,
  openGrant,
  sealSecrets,
} from './openGrant.ts';
import { asOwn, isMarkedFor } from './ownFaults.ts';
import { PROBE_AFTER_REFUSAL, scheduleOf } from './schedule.ts';
import * as settle from './settle.ts';
import { lastCallUnder, type Traffic, watched, withDoubt } from './uncertainty.ts';

const LONGEST_SPARED_MS = 15 * MINUTE_MS;

/** What is wanted of a claimed grant: whatever is due, a renewal now, or a probe now. */
export type Wish = 'due' | 'renew' | 'probe';

export interface Tended {
  readonly outcome: GrantOutcome;
  readonly kind: 'renewed' | 'proven' | 'failed' | 'nothing' | 'held';
  /** Where it is `held`: why, and until when. */
  readonly held?: Held;
  readonly diagnosis: Diagnosis | null;
  /** The newly issued access token; may be seen only once the outcome is safe. */
  readonly issued: Issued | null;
}

/** Does what a claimed grant needs. The claim is the intent on record; the outcome returned has to be committed. */
export async function tendGrant(
  house: House,
  claimed: ClaimedGrant,
  app: AppRecord,
  wish: Wish,
  actor: string,
  traffic: Traffic,
): Promise<Tended> {
  const opened = await openAppOnce(house, app, claimed.method);
  const grant = takeOver(claimed, house.now());
  if (grant.state === 'revoked')
    return { outcome: { grant, activity: [] }, kind: 'nothing', diagnosis: null, issued: null };
  const io = watched(opened.io, traffic, lastCallUnder(claimed, house));
  const open = await openGrant(house, { ...opened, io }, grant);
  const at = { grant, method: open.method, now: house.now(), actor };
  const task = chooseTask(at, wish);
  if (task === 'renew') return renew(house, open, at);
  if (task === 'probe') return probe(house, open, at);
  const schedule = scheduleOf(at.method.cadence, grant, at.now);
  const held = task === 'hold' ? heldBack(open.method, grant, at.now) : null;
  const next = held ? settle.heldSchedule(at, schedule, held.until) : schedule;
  const outcome = { grant: { ...grant, ...next }, activity: [] };
  const nothing = { outcome, diagnosis: null, issued: null } as const;
  return held ? { ...nothing, kind: 'held', held } : { ...nothing, kind: 'nothing' };
}

type At = Parameters<typeof settle.settleRenewed>[0];

/** What an earlier attempt left to be done again. */
const AGAIN: ReadonlySet<string> = new Set(['retry', 'spared']);

/** After the claim, look again: a sibling may have done it already, and a spent refresh token is not sent blindly. */
function chooseTask({ grant, method, now }: At, wish: Wish): 'renew' | 'probe' | 'hold' | 'nothing' {
  if (wish === 'probe') return 'probe';
  const renewable = canRenew(method.cadence, grant.facts);
  if (!renewable) return 'probe';
  const lost = grant.facts.unknownOutcomeAt !== null;
  if (heldBack(method, grant, now) !== null) {
    const probeIsDue = grant.dueReason === 'probe' && (grant.dueAt ?? now) <= now;
    return probeIsDue ? 'probe' : 'hold';
  }
  if (wish === 'renew') return 'renew';
  if (grant.dueReason === PROBE_AFTER_REFUSAL && !isForRenewal(grant, now)) return 'probe';
  const { renewAt } = scheduleOf(method.cadence, grant, now);
  const renewalIsDue = IS_KEPT[grant.state] && renewAt !== null && renewAt <= now;
  if (grant.dueReason === 'probe' && grant.pending === null && !renewalIsDue && !isForRenewal(grant, now))
    return 'probe';
  if (grant.pending || grant.failures > 0 || lost || AGAIN.has(grant.dueReason)) return 'renew';
  if (grant.dueReason === 'deadline') return 'renew';
  return renewalIsDue ? 'renew' : 'nothing';
}

/** A probe tells nothing of what only a renewal brings back: an access token that has ended, an outcome that is not known. */
function isForRenewal({ state, facts }: GrantRecord, now: Instant): boolean {
  return IS_KEPT[state] && (facts.unknownOutcomeAt !== null || !accessWorks(facts, now));
}

/** @param afterRefusal The access token was refused before its time. */
async function renew(
  house: House,
  open: OpenGrant,
  at: At,
  afterRefusal = at.grant.dueReason === PROBE_AFTER_REFUSAL,
): Promise<Tended> {
  if (!open.adapter.renew) return probe(house, open, at);
  const outcome = await open.adapter.renew(open.io, open.config, open.held);
  const now = house.now();
  house.meter.count('renewals', { platform: at.grant.platform, outcome: outcome.ok ? 'ok' : 'failed' });
  if (outcome.ok) {
    const secrets = changedSecrets(outcome.value.secrets, open.held.secrets);
    const sealed = await sealSecrets(house, at.grant, secrets, at.grant.credentialVersion + 1);
    house.ownFaults.gotThrough(knockOf(open, at.grant, 'token'));
    const settled = settle.settleRenewed({ ...at, now }, outcome.value, sealed, afterRefusal);
    return { outcome: settled, kind: 'renewed', diagnosis: null, issued: outcome.value };
  }
  const found = diagnoseFor(open, await withCensus(house, open, at), outcome.answer);
  const diagnosis = withDoubt(found, outcome.answer, at.method.cadence);
  const refused = refusesGrant(at.method.cadence, at.grant.facts, diagnosis);
  const word = refused ? await confirm(open) : null;
  return judge(house, { ...at, now: house.now() }, diagnosis, word, open);
}

async function probe(house: House, open: OpenGrant, at: At): Promise<Tended> {
  const result = await askProbe(open, open.held);
  const now = house.now();
  house.meter.count('probes', { platform: at.grant.platform, verdict: result.verdict });
  if (result.verdict === 'alive') {
    house.ownFaults.gotThrough(knockOf(open, at.grant, 'probe'));
    return {
      outcome: settle.settleProven({ ...at, now }, result),
      kind: 'proven',
      diagnosis: null,
      issued: null,
    };
  }
  if (result.verdict !== 'dead') {
    const facts = settle.factsLearned(at.grant.facts, result.facts ?? {});
    const seen = diagnoseFor(open, { ...open.held, facts }, result.answer);
    return judge(house, { ...at, now, grant: { ...at.grant, facts } }, seen, null, open);
  }
  const diagnosis = diagnoseFor(open, open.held, result.answer);
  const anew = at.grant.dueReason === PROBE_AFTER_REFUSAL;
  const { cadence } = at.method;
  if (!anew && canRenew(cadence, at.grant.facts) && cadence.mechanism.value !== 'token_exchange')
    return renew(house, open, { ...at, now, grant: withDeadAccess(at.grant, now) }, true);
  const cause = result.cause ?? (anew ? causeOfRefusal(diagnosis) : null);
  return judge(house, { ...at, now }, diagnosis, { word: 'not_asked', cause }, open);
}

/** Why an access token that has just been renewed is refused, where the answer does not say more than that it is. */
function causeOfRefusal({ cause, meaning, reach }: Diagnosis): Cause | null {
  if (reach === 'app') return null;
  return meaning === 'person_needed' && reach === 'grant' ? cause : 'session_invalidated';
}

/**
 * Where a platform silently ends the oldest of too many authorizations, how many are newer tells whether this was one.
 * What the platform answered is known by then: that nobody can count makes no unknown outcome of it.
 */
async function withCensus(house: House, { held, method }: OpenGrant, { grant }: At) {
  if (typeof method.cadence.liveGrantCap.value !== 'number' || !grant.identity) return held;
  const { workspaceId, id, appId, identity, facts } = grant;
  try {
    const newer = await house.store.countGrantsOfIdentity(workspaceId, appId, identity.id, facts.consentedAt);
    return { ...held, facts: { ...held.facts, newerGrantsOfIdentity: newer } };
  } catch (error) {
    house.log.warn({ grant: id, err: error }, 'Newer authorizations of the same person could not be counted');
    return held;
  }
}

interface Confirmation {
  readonly word: ProbeWord;
  readonly cause: Cause | null;
}

/** Asks the platform's own probe whether a refusal is true. */
async function confirm(open: OpenGrant): Promise<Confirmation> {
  const result = await askProbe(open, open.held);
  if (result.verdict !== 'dead') return { word: result.verdict, cause: null };
  if (result.cause !== undefined) return { word: 'dead', cause: result.cause };
  // An answer about the app or a part of the grant confirms no death.
  const { cause, reach } = diagnoseFor(open, open.held, result.answer);
  return reach === 'grant' ? { word: 'dead', cause } : { word: 'unclear', cause: null };
}

function withDeadAccess(grant: GrantRecord, now: number): GrantRecord {
  return { ...grant, facts: { ...grant.facts, accessDeadAt: grant.facts.accessDeadAt ?? now } };
}

/** A grant that died by its own probe has an access credential that is not handed out any more. */
function refusedAccess(grant: GrantRecord, now: number, { word }: Confirmation): GrantRecord {
  return word === 'dead' || word === 'not_asked' ? withDeadAccess(grant, now) : grant;
}

const knockOf = (open: OpenGrant, { id }: GrantRecord, endpoint: Diagnosis['endpoint']) => ({
  appId: open.record.id,
  grantId: id,
  kind: open.method.kind,
  endpoint,
});

/** What is read as the app's fault is this grant's own where others of the app get through. */
function ownOrApps(house: House, open: OpenGrant, grant: GrantRecord, diagnosis: Diagnosis): Diagnosis {
  if (diagnosis.reach !== 'app') return diagnosis;
  const { check, endpoint } = diagnosis;
  const isOwn = isMarkedFor(grant, check) || house.ownFaults.isOwn(knockOf(open, grant, endpoint), check);
  return isOwn ? asOwn(diagnosis) : diagnosis;
}

function judge(
  house: House,
  before: At,
  read: Diagnosis,
  confirmation: Confirmation | null,
  open: OpenGrant,
): Tended {
  const diagnosis = ownOrApps(house, open, before.grant, read);
  const probeSaysDead = confirmation?.word === 'dead';
  const at = probeSaysDead ? { ...before, grant: withDeadAccess(before.grant, before.now) } : before;
  const { pending } = at.grant;
  const verdict = decideVerdict({
    cadence: at.method.cadence,
    facts: before.grant.facts,
    diagnosis: named(diagnosis, confirmation),
    probe: confirmation?.word ?? 'not_asked',
    probeCause: probeSaysDead ? confirmation.cause : null,
    pending,
    now: at.now,
  });
  house.meter.count('verdicts', { platform: at.grant.platform, verdict: verdict.kind });
  const outcome = (() => {
    switch (verdict.kind) {
      case 'spare':
        return settle.settleSpared(at, diagnosis, sparedUntil(house, at, diagnosis, open));
      case 'passing':
        return settle.settlePassing(at, diagnosis, verdict.outcomeUnknown);
      case 'limited':
        return settle.settleLimited(at, diagnosis);
      case 'suspect':
        return settle.settleSuspect(at, named(diagnosis, confirmation), verdict.pending);
      case 'dead':
        return settle.settleDead(
          { ...at, grant: confirmation ? refusedAccess(at.grant, at.now, confirmation) : at.grant },
          diagnosis,
          verdict,
        );
    }
  })();
  return { outcome, kind: 'failed', diagnosis, issued: null };
}

/** A probe that names the cause itself is read by that name. */
function named(diagnosis: Diagnosis, confirmation: Confirmation | null): Diagnosis {
  if (confirmation?.word !== 'not_asked' || confirmation.cause === null) return diagnosis;
  const { cause } = confirmation;
  const { who, remedy, meaning: explanation } = CAUSES[cause];
  const words = cause === diagnosis.cause ? {} : { who, remedy, explanation };
  return { ...diagnosis, ...words, cause, meaning: 'person_needed', reach: 'grant', permanent: true };
}

/**
 * An app's fault is looked at again soon, for the app may be mended at any time, and while its breaker is open it is not
 * claimed anyhow. A call that is wrong for this one grant stays wrong until Evergrant or the app is changed.
 */
function sparedUntil(house: House, { grant, now }: At, diagnosis: Diagnosis, open: OpenGrant): number {
  const own = diagnosis.reach === 'call';
  const failures = (own ? grant.failures : house.breakers.failuresOf(open.record)) + 1;
  const { retryAfterSeconds } = diagnosis;
  const planned = retryAt({
    failures,
    now,
    grantId: grant.id,
    retryAfterSeconds,
    urgentAt: null,
    endsAt: null,
    downSince: null,
  });
  return own ? planned : Math.min(planned, now + LONGEST_SPARED_MS);
}
