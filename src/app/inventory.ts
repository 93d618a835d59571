import type { Cause } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { AdAccount } from '../platforms/kit/adapter.ts';
import type { JsonObject } from '../store/records.ts';
import { diagnoseFor, type OpenGrant } from './openGrant.ts';

/** Refusals of the list that say that there is nothing in it, and of an account's details that it is out of reach. */
const REACHES_NONE: ReadonlySet<Cause> = new Set(['not_provisioned', 'account_access_removed']);

/** An ad account as it is listed; `withheld`: why the platform tells nothing else of it. */
export type ListedAccount = AdAccount & { readonly withheld?: Cause };

export type Inventoried =
  | { readonly accounts: readonly ListedAccount[]; readonly diagnosis: null }
  | { readonly accounts: null; readonly diagnosis: Diagnosis };

/**
 * The ad accounts that a grant reaches now, asked of the platform. Some platforms list none, others refuse the list to an
 * identity that reaches none: both are an empty list. Else the
 * diagnosis of why it was not listed; so it is where nothing at all is told any more of accounts of which something was `known`.
 */
export async function readInventory(
  open: OpenGrant,
  known: readonly JsonObject[] = [],
): Promise<Inventoried> {
  const outcome = await open.adapter.accounts(open.io, open.config, open.held);
  if (!outcome.ok) {
    const diagnosis = diagnoseFor(open, open.held, outcome.answer);
    return reachesNone(diagnosis) ? { accounts: [], diagnosis: null } : { accounts: null, diagnosis };
  }
  const { value, refused = [] } = outcome;
  const why = new Map(refused.map(({ id, answer }) => [id, diagnoseFor(open, open.held, answer)]));
  const [first] = why.values();
  const tellsNothing = why.size > 0 && why.size === value.length && known.some(isDescribed);
  if (first && tellsNothing && !reachesNone(first)) return { accounts: null, diagnosis: first };
  const accounts = value.map((account) => {
    const diagnosis = why.get(account.id);
    return diagnosis ? { ...account, withheld: diagnosis.cause } : account;
  });
  return { accounts, diagnosis: null };
}

const reachesNone = ({ reach, cause }: Diagnosis): boolean =>
  reach === 'part_of_grant' && REACHES_NONE.has(cause);

/** Whether the platform ever told more of it than that it is there. */
const isDescribed = ({ status, currency, timezone }: JsonObject): boolean =>
  (status !== 'unknown' && status !== 'unreachable') || currency != null || timezone != null;

/**
 * The chosen accounts with what the platform now says of them; where none was chosen, all that it lists. One that is no
 * longer reachable stays, marked so. What is known of one is never replaced by nothing: where its details are withheld, it
 * is what it was, or out of reach where the refusal says so.
 */
export function refreshed(
  chosen: readonly JsonObject[],
  reachable: readonly ListedAccount[],
): readonly JsonObject[] {
  if (chosen.length === 0) return reachable.map(asRecord);
  const now = new Map<unknown, ListedAccount>(reachable.map((account) => [account.id, account]));
  return chosen.map((account) => {
    const listed = now.get(account.id);
    return listed ? merged(account, listed) : outOfReach(account);
  });
}

/** How many of those listed are reached. */
export function reachedOf(accounts: readonly JsonObject[], listed: readonly ListedAccount[]): number {
  const lost = new Set(accounts.filter(({ status }) => status === 'unreachable').map(({ id }) => id));
  return listed.filter(({ id }) => !lost.has(id)).length;
}

const outOfReach = (account: JsonObject): JsonObject => ({ ...account, status: 'unreachable' });

function merged(account: JsonObject, listed: ListedAccount): JsonObject {
  const now = asRecord(listed);
  if (listed.withheld === undefined || !isDescribed(account))
    return {
      ...now,
      currency: now.currency ?? account.currency ?? null,
      timezone: now.timezone ?? account.timezone ?? null,
    };
  if (REACHES_NONE.has(listed.withheld)) return outOfReach(account);
  return listed.status === 'unknown' ? account : { ...account, status: listed.status };
}

/** As it is kept: why something is not told is not a fact of the account. */
function asRecord({ withheld: _, ...account }: ListedAccount): JsonObject {
  return account as unknown as JsonObject;
}
