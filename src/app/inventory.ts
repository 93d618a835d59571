import type { Cause } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { AdAccount } from '../platforms/kit/adapter.ts';
import type { JsonObject } from '../store/records.ts';
import { diagnoseFor, type OpenGrant } from './openGrant.ts';

/** Refusals of the list that say that there is nothing in it. */
const REACHES_NONE: ReadonlySet<Cause> = new Set(['not_provisioned', 'account_access_removed']);

export type Inventoried =
  | { readonly accounts: readonly AdAccount[]; readonly diagnosis: null }
  | { readonly accounts: null; readonly diagnosis: Diagnosis };

/**
 * The ad accounts that a grant reaches now, asked of the platform. Some platforms list none, others refuse the list to an
 * identity that reaches none: both are an empty list. Else the
 * diagnosis of why it was not listed.
 */
export async function readInventory(open: OpenGrant): Promise<Inventoried> {
  const outcome = await open.adapter.accounts(open.io, open.config, open.held);
  if (outcome.ok) return { accounts: outcome.value, diagnosis: null };
  const diagnosis = diagnoseFor(open, open.held, outcome.answer);
  const none = diagnosis.reach === 'part_of_grant' && REACHES_NONE.has(diagnosis.cause);
  return none ? { accounts: [], diagnosis: null } : { accounts: null, diagnosis };
}

/** The chosen accounts with what the platform now says of them; one that is no longer reachable stays, marked so. */
export function refreshed(
  chosen: readonly JsonObject[],
  reachable: readonly JsonObject[],
): readonly JsonObject[] {
  const now = new Map(reachable.map((account) => [account.id, account]));
  return chosen.map((account) => now.get(account.id) ?? { ...account, status: 'unreachable' });
}
