import { CAUSES, type Cause } from '../core/cause.ts';
import { HOUR_MS, type Instant } from '../core/instant.ts';
import type { ConnectionLoss, ConnectionRecord, JsonObject, NewActivity } from '../store/records.ts';

/** So often the ad accounts of a connection that lacks some are read again. */
export const LOOK_EVERY_MS = HOUR_MS;

/** When a loss that was seen at `now` is looked at again. */
export const nextLookAt = (now: Instant): Instant => Math.trunc(now) + LOOK_EVERY_MS;

/** Whoever signs in where the platform asks may have chosen none, or have none: nothing in an empty list tells which. */
const NONE_TICKED = {
  who: 'authorizing_user',
  remedy:
    'Reconnect and tick at least one ad account where the platform asks for them. Where it offers none, an administrator of an ad account gives the person access to it first.',
} as const;

/** What the platform said of the accounts just now. */
export interface Inventory {
  /** The chosen accounts as they are now; those that are no longer listed are marked `unreachable`. */
  readonly accounts: readonly JsonObject[];
  /** How many it lists in all; null: it lists none by its nature, or was not heard. */
  readonly reachable: number | null;
  /**
   * Whether a person has just signed in where the consent page asks which ad accounts to open; false: just signed in where
   * it does not. Absent: nobody signed in just now, and what was known of the last sign-in still holds.
   */
  readonly asksForAccounts?: boolean;
  readonly now: Instant;
}

/** Losses that last for as long as the platform lists one of the accounts as disabled or closed. */
const OF_ACCOUNTS: ReadonlySet<Cause> = new Set(['account_disabled', 'policy_violation']);

/**
 * What a connection lacks after its ad accounts were read: access to some that were chosen, or to any at all. Null:
 * everything chosen is there, and whatever was lost before is back.
 */
export function lossIn(
  { accounts, reachable, now, asksForAccounts }: Inventory,
  before: ConnectionLoss | null,
): ConnectionLoss | null {
  const ids = (...statuses: readonly unknown[]): readonly string[] =>
    accounts.filter((account) => statuses.includes(account.status)).map((account) => String(account.id));
  const asked = asksForAccounts ?? before?.atSignIn !== undefined;
  const unreachable = ids('unreachable');
  if (unreachable.length > 0) {
    const lost = lossOf('account_access_removed', unreachable, now, before);
    const others = (reachable ?? 0) - (accounts.length - unreachable.length);
    const told = asked ? orLeftOut(lost, Math.max(0, others)) : lost;
    return reachable === 0 ? orNoUserAnyMore(told) : told;
  }
  if (accounts.length === 0 && reachable === 0) {
    const none = lossOf('not_provisioned', [], now, before);
    return asked ? orNoneTicked(none) : none;
  }
  const disabled = ids('disabled', 'closed');
  return before && OF_ACCOUNTS.has(before.cause) && disabled.length > 0
    ? { ...before, accounts: disabled, lookAt: nextLookAt(now) }
    : null;
}

/** The person may have ticked others, or none: nothing in a list tells that from a role that was taken. */
function orLeftOut(loss: ConnectionLoss, others: number): ConnectionLoss {
  return { ...orElse(loss, 'permission_missing'), atSignIn: { others } };
}

function orNoneTicked(loss: ConnectionLoss): ConnectionLoss {
  return { ...loss, evidence: { ...loss.evidence, ...NONE_TICKED }, atSignIn: { others: 0 } };
}

/** Where nothing is listed any more, each access may have been taken, or the identity may be no user of the product now. */
function orNoUserAnyMore(loss: ConnectionLoss): ConnectionLoss {
  return orElse(loss, 'not_provisioned');
}

function orElse(loss: ConnectionLoss, cause: Cause): ConnectionLoss {
  const { evidence } = loss;
  return { ...loss, evidence: { ...evidence, acceptableOthers: [...evidence.acceptableOthers, cause] } };
}

function lossOf(
  cause: Cause,
  accounts: readonly string[],
  now: Instant,
  before: ConnectionLoss | null,
): ConnectionLoss {
  const { remedy, who } = CAUSES[cause];
  const evidence = {
    cause,
    check: null,
    endpoint: null,
    status: null,
    code: null,
    message: null,
    remedy,
    who,
    acceptableOthers: [],
    confirmedBy: null,
    missingScopes: [],
  };
  const since = before?.cause === cause ? before.since : now;
  return { cause, since, accounts, evidence, lookAt: nextLookAt(now) };
}

/** The rows that tell that a connection lost something, or has it back; none where nothing changed. */
export function lossRows(
  { workspaceId, id, grantId, loss }: ConnectionRecord,
  before: ConnectionLoss | null,
  at: Instant,
  actor: string,
): readonly NewActivity[] {
  if (loss?.cause === before?.cause && String(loss?.accounts) === String(before?.accounts)) return [];
  const action = loss ? 'connection.degraded' : 'connection.restored';
  const detail = loss ? { cause: loss.cause, accounts: loss.accounts } : { cause: before?.cause ?? null };
  return [{ workspaceId, at, actor, action, subjects: [id, grantId], detail }];
}
