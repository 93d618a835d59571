import type { Cause } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import { type GrantEvent, nextState } from '../core/grantState.ts';
import type { Instant } from '../core/instant.ts';
import type { AuthMethod } from '../platforms/kit/profile.ts';
import type { GrantRecord, NewActivity, StateEvidence } from '../store/records.ts';

/** A grant that is to be settled: by which method's rules, when, and on whose account. */
export interface Settling {
  readonly grant: GrantRecord;
  readonly method: AuthMethod;
  readonly now: Instant;
  readonly actor: string;
}

/** Moves the grant through the one door, and records why. An event that cannot happen changes nothing. */
export function move(
  at: Pick<Settling, 'grant' | 'now' | 'actor'>,
  event: GrantEvent,
  cause: Cause | null,
  evidence: StateEvidence | null,
) {
  const { grant, now, actor } = at;
  const state = nextState(grant.state, event);
  if (state === undefined) return { grant, activity: [] as NewActivity[] };
  const changed = state !== grant.state || cause !== grant.cause;
  const since = state === grant.state ? grant.stateSince : now;
  const moved: GrantRecord = {
    ...grant,
    state,
    cause,
    stateSince: since,
    evidence: changed ? evidence : (evidence ?? grant.evidence),
  };
  const row: NewActivity = {
    workspaceId: grant.workspaceId,
    at: now,
    actor,
    action: `grant.${state}`,
    subjects: [grant.id],
    detail: { from: grant.state, cause, ...(evidence ? { evidence } : {}) },
  };
  return { grant: moved, activity: changed ? [row] : [] };
}

/** An attempt that failed, as the activity log keeps it. */
export function attemptRow(
  { grant, now, actor }: Settling,
  action: string,
  diagnosis: Diagnosis,
): NewActivity {
  const { cause, meaning, check, words, endpoint, status } = diagnosis;
  return {
    workspaceId: grant.workspaceId,
    at: now,
    actor,
    action,
    subjects: [grant.id],
    detail: { cause, meaning, check, endpoint, status, code: words.code, message: words.message },
  };
}
