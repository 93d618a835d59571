import type { Cause } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { GrantFacts, PendingVerdict } from '../core/grantFacts.ts';
import { type Instant, MINUTE_MS } from '../core/instant.ts';
import { accessWorks, estimateLoss } from '../core/outage.ts';
import { planProbe } from '../core/plan.ts';
import { retryAt } from '../core/retry.ts';
import { missingScopes, narrowedScopes } from '../core/scopes.ts';
import type { Issued, Learned, ProbeResult } from '../platforms/kit/adapter.ts';
import type { AuthMethod } from '../platforms/kit/profile.ts';
import type { GrantRecord, NewActivity } from '../store/records.ts';
import type { GrantOutcome } from '../store/store.ts';
import { evidenceOf, missingEvidence, ownWords } from './evidence.ts';
import { attemptRow, move, type Settling } from './moveGrant.ts';
import { dueAgain, PROBE_AFTER_REFUSAL, reasonAgain, type Schedule, scheduleOf } from './schedule.ts';

/** Causes that may pass without a new authorization: the grant is still probed, and heals by itself. */
const MAY_HEAL: ReadonlySet<Cause> = new Set([
  'security_checkpoint',
  'admin_policy',
  'policy_violation',
  'account_disabled',
]);

/** The required scopes that the grant lacks. */
export function missingOf(method: AuthMethod, facts: GrantFacts): readonly string[] {
  const optional = new Set(
    method.scopes.filter((scope) => scope.required === false).map((scope) => scope.id),
  );
  return missingScopes(
    facts.scopesRequested.filter((scope) => !optional.has(scope)),
    facts.scopesGranted,
  );
}

/** The facts after an answer: what it did not bring stays, and a renewal never widens the scopes (RFC 6749 6). */
export function factsAfter(facts: GrantFacts, issued: Issued): GrantFacts {
  const scopes = issued.scopesGranted
    ? narrowedScopes(facts.scopesGranted, issued.scopesGranted)
    : facts.scopesGranted;
  return {
    ...facts,
    issuedAt: issued.issuedAt,
    accessExpiresAt: issued.accessExpiresAt,
    accessExpiryAssumed: issued.accessExpiryAssumed,
    renewalExpiresAt:
      issued.renewalExpiresAt === undefined ? facts.renewalExpiresAt : issued.renewalExpiresAt,
    scopesGranted: scopes,
    hardEnds: issued.hardEnds ?? facts.hardEnds,
    lastProofAt: issued.issuedAt,
    accessDeadAt: null,
    unknownOutcomeAt: null,
    extra: { ...facts.extra, ...issued.extra },
  };
}

/**
 * A renewal succeeded: the new credential, the next plan, and the outage ended where one was open. Where the access token
 * before it was refused before its time, the new one is probed soon.
 */
export function settleRenewed(
  at: Settling,
  issued: Issued,
  sealed: GrantRecord['secrets'],
  afterRefusal = false,
): GrantOutcome {
  const facts = factsAfter(at.grant.facts, issued);
  const secrets = { ...at.grant.secrets, ...sealed };
  const renewed = { ...at.grant, facts, secrets, credentialVersion: at.grant.credentialVersion + 1 };
  const seenByRenewal = at.grant.evidence?.endpoint === 'token';
  const working = settleWorking({ ...at, grant: renewed }, 'grant.renewed', seenByRenewal);
  const settled = { ...working, ...gapBefore(at) };
  if (!afterRefusal) return settled;
  const schedule = probedSoon(settled.grant, at.now, PROBE_AFTER_REFUSAL);
  return { ...settled, grant: { ...settled.grant, ...schedule } };
}

/** Nobody tried before the end, because Evergrant or its database was away: what was missed then is on record all the same. */
function gapBefore({ grant, now }: Settling): Pick<GrantOutcome, 'openOutage'> {
  const { accessExpiresAt, accessDeadAt } = grant.facts;
  if (accessDeadAt !== null || accessExpiresAt === null || accessExpiresAt >= now) return {};
  // Whatever changed its state since the end has seen that, and what it made of it is on record.
  if (grant.stateSince > accessExpiresAt) return {};
  const cause = grant.cause ?? 'access_token_expired';
  const openOutage = { cause, startedAt: accessExpiresAt, startEvidence: 'end_by_time', noticedAt: now };
  return { openOutage };
}

/** The facts after what a probe learned; scopes that were neither granted nor asked for are left out (RFC 6749 6). */
export function factsLearned(facts: GrantFacts, learned: Learned): GrantFacts {
  const agreed = [...facts.scopesGranted, ...facts.scopesRequested];
  return {
    ...facts,
    ...(learned.accessExpiresAt === undefined ? {} : { accessExpiresAt: learned.accessExpiresAt }),
    ...(learned.renewalExpiresAt === undefined ? {} : { renewalExpiresAt: learned.renewalExpiresAt }),
    ...(learned.scopesGranted === undefined
      ? {}
      : { scopesGranted: narrowedScopes(agreed, learned.scopesGranted) }),
    ...(learned.hardEnds === undefined ? {} : { hardEnds: learned.hardEnds }),
    extra: { ...facts.extra, ...learned.extra },
  };
}

/** A probe proved that the grant works. */
export function settleProven(at: Settling, probe: Extract<ProbeResult, { verdict: 'alive' }>): GrantOutcome {
  const learned = factsLearned(at.grant.facts, probe.facts ?? {});
  const proven: GrantFacts = { ...learned, lastProofAt: at.now, accessDeadAt: null };
  const seen = at.grant.evidence?.endpoint;
  return settleWorking(
    { ...at, grant: { ...at.grant, facts: proven } },
    null,
    seen === 'probe' || seen === 'token',
  );
}

/** An inventory found everything that was chosen: what was missing is there again. */
export function settleComplete(at: Settling): GrantOutcome {
  return settleWorking(at, null, true);
}

/**
 * It works: what is left is whether something is missing. A loss that this proof cannot disprove stays; one that a probe
 * saw is probed for soon, since renewals put the next probe off again and again.
 */
function settleWorking(at: Settling, action: string | null, disproven = false): GrantOutcome {
  const { grant, method, now } = at;
  const missing = missingOf(method, grant.facts);
  const stays = grant.state === 'degraded' && grant.cause !== 'permission_missing' && !disproven;
  const kept = stays ? grant.cause : null;
  const cause: Cause | null = missing.length > 0 ? 'permission_missing' : kept;
  const evidence =
    missing.length > 0 ? missingEvidence(missing, method) : kept === null ? null : grant.evidence;
  const moved = move(at, cause === null ? 'proven' : 'limited', cause, evidence);
  const planned = scheduleOf(method.cadence, grant, now);
  const schedule = kept !== null && grant.evidence?.endpoint === 'probe' ? probedSoon(planned, now) : planned;
  const settled = { ...moved.grant, ...schedule, pending: null, failures: 0, lastAttemptAt: now };
  const activity = action === null ? moved.activity : [renewedRow(at, action), ...moved.activity];
  return { grant: settled, activity, closeOutageAt: now };
}

function probedSoon(planned: Schedule, now: Instant, reason = 'probe'): Schedule {
  const at = now + MINUTE_MS;
  return planned.dueAt !== null && planned.dueAt <= at ? planned : dueAgain(planned, at, reason);
}

function renewedRow({ grant, now, actor }: Settling, action: string): NewActivity {
  const detail = {
    access_expires_at: grant.facts.accessExpiresAt,
    credential_version: grant.credentialVersion,
  };
  return { workspaceId: grant.workspaceId, at: now, actor, action, subjects: [grant.id], detail };
}

/** A passing failure: nothing is lost, and it is tried again by the table. */
export function settlePassing(at: Settling, diagnosis: Diagnosis, outcomeUnknown: boolean): GrantOutcome {
  const { grant, method, now } = at;
  if (grant.state === 'expired') return settleStillDead(at, diagnosis);
  const facts = outcomeUnknown ? { ...grant.facts, unknownOutcomeAt: now } : grant.facts;
  const moved = move(
    { ...at, grant: { ...grant, facts } },
    'passing_failure',
    diagnosis.cause,
    evidenceOf(diagnosis),
  );
  const failures = grant.failures + 1;
  const schedule = scheduleOf(method.cadence, { ...grant, facts }, now);
  const retry = retryAt({
    failures,
    now,
    grantId: grant.id,
    retryAfterSeconds: diagnosis.retryAfterSeconds,
    urgentAt: schedule.urgentAt,
    endsAt: facts.accessExpiresAt,
    downSince: downSince(facts, now),
  });
  const again = byTheEnd(retry, facts, now);
  const heldUntil = facts.unknownOutcomeAt === null ? again : holdSingleUse(at, again);
  const waiting =
    heldUntil > again
      ? heldSchedule({ ...at, grant: { ...grant, facts } }, schedule, heldUntil)
      : dueAgain(schedule, again, reasonAgain(grant, grant.pending ? 'confirm' : 'retry'));
  const row = attemptRow(at, 'grant.attempt_failed', diagnosis);
  return {
    grant: { ...moved.grant, ...waiting, failures, lastAttemptAt: now },
    activity: [row, ...moved.activity],
    ...outageWithoutAccess(moved.grant, now),
  };
}

/** The end of the access credential is looked at when it comes: from then on nothing works, and that must not go unseen. */
function byTheEnd(again: Instant, { accessExpiresAt }: GrantFacts, now: Instant): Instant {
  return accessExpiresAt === null || accessExpiresAt <= now ? again : Math.min(again, accessExpiresAt);
}

function downSince(facts: GrantFacts, now: Instant): Instant | null {
  return accessWorks(facts, now) ? null : estimateLoss(facts, now).startedAt;
}

/** A grant that may live but has no access credential that works serves nobody: that is an outage too. */
function outageWithoutAccess({ facts, cause }: GrantRecord, now: Instant): Pick<GrantOutcome, 'openOutage'> {
  if (accessWorks(facts, now)) return {};
  const { startedAt, evidence } = estimateLoss(facts, now);
  return {
    openOutage: { cause: cause ?? 'unknown', startedAt, startEvidence: evidence, noticedAt: now },
  };
}

/**
 * A single-use refresh token whose answer was lost may be spent. Sending it again can make a strict server end
 * everything, so it waits while the access token still works (RFC 9700 4.14.2).
 */
export function holdSingleUse(
  { grant, method, now }: Pick<Settling, 'grant' | 'method' | 'now'>,
  planned: Instant,
): Instant {
  const singleUse = method.cadence.singleUseRenewal.value !== false;
  const { accessExpiresAt, accessDeadAt, issuedAt } = grant.facts;
  if (!singleUse || accessExpiresAt === null || accessDeadAt !== null || accessExpiresAt <= now)
    return planned;
  const late = Math.round(issuedAt + (accessExpiresAt - issuedAt) * (5 / 6));
  return Math.max(planned, Math.min(late, accessExpiresAt));
}

/**
 * While a renewal is held, it is planned for no earlier than it can go out, and the grant is still probed: a loss must not
 * go unseen until then.
 */
export function heldSchedule(
  { grant, method, now }: Pick<Settling, 'grant' | 'method' | 'now'>,
  schedule: Schedule,
  heldUntil: Instant,
): Schedule {
  const probeAt = Math.max(now + MINUTE_MS, planProbe(method.cadence, grant.facts, now, grant.id));
  const renewAt = schedule.renewAt === null ? null : Math.max(schedule.renewAt, heldUntil);
  const held = { ...schedule, renewAt };
  return probeAt < heldUntil ? dueAgain(held, probeAt, 'probe') : dueAgain(held, heldUntil, 'retry');
}

/** It may be dead: held until it is asked again. */
export function settleSuspect(at: Settling, diagnosis: Diagnosis, pending: PendingVerdict): GrantOutcome {
  const { grant, method, now } = at;
  if (grant.state === 'expired') return settleStillDead(at, diagnosis);
  const moved = move(at, 'death_reported', diagnosis.cause, evidenceOf(diagnosis));
  const schedule = scheduleOf(method.cadence, grant, now);
  return {
    grant: {
      ...moved.grant,
      ...dueAgain(schedule, pending.confirmAt, reasonAgain(grant, 'confirm')),
      pending,
      failures: grant.failures + 1,
      lastAttemptAt: now,
    },
    activity: [attemptRow(at, 'grant.attempt_failed', diagnosis), ...moved.activity],
    ...outageWithoutAccess(moved.grant, now),
  };
}

/**
 * It works, but a part is missing that only somebody else can bring back. What was due stays due where the answer did not
 * do it: then it waits by the table, or it would be asked again without end.
 */
export function settleLimited(at: Settling, diagnosis: Diagnosis): GrantOutcome {
  const { method, now } = at;
  // What the token endpoint refuses in part it has not renewed: no proof that a grant that needs a person works again.
  if (at.grant.state === 'expired' && diagnosis.endpoint === 'token') return settleStillDead(at, diagnosis);
  // A probe that is refused in part was let in with the credential.
  const facts = diagnosis.endpoint === 'probe' ? { ...at.grant.facts, accessDeadAt: null } : at.grant.facts;
  const grant = { ...at.grant, facts };
  const evidence = evidenceOf(diagnosis);
  const missing = diagnosis.cause === 'permission_missing' ? missingOf(method, facts) : [];
  const moved = move({ ...at, grant }, 'limited', diagnosis.cause, { ...evidence, missingScopes: missing });
  const schedule = scheduleOf(method.cadence, { ...grant, facts }, now);
  const overdue = schedule.dueAt !== null && schedule.dueAt <= now;
  const failures = overdue ? grant.failures + 1 : grant.failures;
  const { retryAfterSeconds } = diagnosis;
  const again = retryAt({
    failures,
    now,
    grantId: grant.id,
    retryAfterSeconds,
    urgentAt: schedule.urgentAt,
    endsAt: facts.accessExpiresAt,
    downSince: downSince(facts, now),
  });
  const next = overdue ? dueAgain(schedule, byTheEnd(again, facts, now), schedule.dueReason) : schedule;
  const works = accessWorks(facts, now);
  return {
    grant: { ...moved.grant, ...next, pending: null, failures, lastAttemptAt: now },
    activity: moved.activity,
    ...(works ? { closeOutageAt: now } : outageWithoutAccess(moved.grant, now)),
  };
}

/** A caller was refused a part of what the grant covers. Nobody has looked at the credential, so what is due stays due. */
export function settleReported(
  at: Pick<Settling, 'grant' | 'now' | 'actor'>,
  diagnosis: Diagnosis,
): GrantOutcome {
  return move(at, 'limited', diagnosis.cause, evidenceOf(diagnosis));
}

/** A person is needed. The credential stays; the outage opens at the best estimate of the loss. */
export function settleDead(
  at: Settling,
  diagnosis: Diagnosis,
  death: { cause: Cause; confirmedBy: string },
): GrantOutcome {
  const { grant, now, method } = at;
  const evidence = {
    ...evidenceOf(diagnosis),
    ...ownWords(death.cause, diagnosis),
    cause: death.cause,
    confirmedBy: death.confirmedBy,
  };
  const moved = move(at, 'death_confirmed', death.cause, evidence);
  const loss = estimateLoss(grant.facts, now);
  const probeAt = MAY_HEAL.has(death.cause) ? now + method.cadence.probeEverySeconds * 1000 : null;
  return {
    grant: {
      ...moved.grant,
      dueAt: probeAt,
      dueReason: probeAt === null ? 'person_needed' : 'probe',
      urgentAt: null,
      renewAt: null,
      deadlineAt: null,
      remindAt: null,
      pending: null,
      failures: grant.failures + 1,
      lastAttemptAt: now,
    },
    activity: [attemptRow(at, 'grant.attempt_failed', diagnosis), ...moved.activity],
    openOutage: {
      cause: death.cause,
      startedAt: loss.startedAt,
      startEvidence: loss.evidence,
      noticedAt: now,
      confirmed: true,
    },
  };
}

/** A look at a grant that needs a person and was not proven alive changes nothing: its cause stays, and so does its rest. */
function settleStillDead(at: Settling, diagnosis: Diagnosis): GrantOutcome {
  const { grant, method, now } = at;
  const heals = grant.cause !== null && MAY_HEAL.has(grant.cause);
  const dueAt = heals ? now + method.cadence.probeEverySeconds * 1000 : null;
  return {
    grant: {
      ...grant,
      dueAt,
      dueReason: heals ? 'probe' : 'person_needed',
      urgentAt: null,
      lastAttemptAt: now,
    },
    activity: [attemptRow(at, 'grant.attempt_failed', diagnosis)],
  };
}

/**
 * The app's or our own fault: the grant stays what it is and waits, until the app is mended at the latest. Once its access
 * token has ended meanwhile, nothing works, and that shows; it is still no fault of the grant's. What each grant's own call
 * gets wrong is counted with it, what the app gets wrong with the app.
 */
export function settleSpared(at: Settling, diagnosis: Diagnosis, dueAt: Instant): GrantOutcome {
  const { grant, method, now } = at;
  if (grant.state === 'expired') return settleStillDead(at, diagnosis);
  const row = attemptRow(at, 'grant.spared', diagnosis);
  const ended = !accessWorks(grant.facts, now);
  const moved = ended
    ? move(at, 'passing_failure', diagnosis.cause, evidenceOf(diagnosis))
    : { grant, activity: [] };
  const schedule = scheduleOf(method.cadence, grant, now);
  const next = dueAgain(schedule, byTheEnd(dueAt, grant.facts, now), 'spared');
  const failures = diagnosis.reach === 'call' ? grant.failures + 1 : grant.failures;
  return {
    grant: { ...moved.grant, ...next, failures, lastAttemptAt: now },
    activity: [row, ...moved.activity],
    ...outageWithoutAccess(moved.grant, now),
  };
}
