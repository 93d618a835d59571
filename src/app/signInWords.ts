import type { Actor } from '../core/cause.ts';
import type { ConnectionLoss, JsonObject } from '../store/records.ts';
import type { ConnectionView } from '../store/store.ts';

interface Words {
  readonly explanation: string;
  readonly who: Actor;
  readonly remedy: string;
}

/**
 * What happened and what to do where ad accounts that a connection uses are out of reach since a person signed in at a
 * consent page that asks which to open. Null: the loss has nothing to do with a sign-in.
 */
export function signInWords({ connection, grant }: ConnectionView, loss: ConnectionLoss): Words | null {
  if (!loss.atSignIn || loss.cause !== 'account_access_removed' || loss.accounts.length === 0) return null;
  const { identity } = grant;
  const person = identity ? (identity.name ?? identity.email ?? identity.id) : 'the person who authorized it';
  const { others } = loss.atSignIn;
  const isOne = loss.accounts.length === 1;
  const reachesNone = others === 0 && loss.accounts.length === connection.accounts.length;
  const lost = reachesNone ? NONE : isOne ? ONE : SEVERAL;
  const names = accountNames(connection.accounts, loss.accounts).join(', ');
  const instead =
    others > 0
      ? `choose others for this connection, of ${others} more that ${others === 1 ? 'is' : 'are'} reached`
      : `${person} ticks others there, and they are chosen for this connection`;
  return {
    explanation: `Since ${person} last signed in, ${lost.what}: ${lost.unticked} where the platform asks which to open, or ${person} ${lost.taken}.`,
    who: 'authorizing_user',
    remedy: `Reconnect: ${person} signs in at the platform and ticks ${isOne ? 'this ad account' : 'these ad accounts'}: ${names}. Where the platform does not offer ${isOne ? 'it' : 'one of them'}, an administrator of the ad account gives ${person} access to it first. Or ${instead}.`,
  };
}

const NONE = {
  what: 'no ad account is reached',
  unticked: 'none was ticked',
  taken: 'has access to none any more',
} as const;
const ONE = {
  what: 'an ad account that was used before is not reached',
  unticked: 'it was not ticked',
  taken: 'has no access to it any more',
} as const;
const SEVERAL = {
  what: 'ad accounts that were used before are not reached',
  unticked: 'they were not ticked',
  taken: 'has no access to them any more',
} as const;

/** The ad accounts of these ids, for people: `Summer Shoes (acc-1)`. */
export function accountNames(accounts: readonly JsonObject[], ids: readonly string[]): readonly string[] {
  return accounts
    .filter(({ id }) => ids.includes(String(id)))
    .map(({ id, name }) => (name ? `${name} (${id})` : String(id)));
}
