import { CAUSES, type Cause } from './cause.ts';
import type { GrantState } from './grantState.ts';

export interface Trouble {
  readonly state: GrantState;
  readonly cause: Cause | null;
  /** Who acts in this very case; null: nothing is wrong. */
  readonly who: string | null;
  /** What the platform's own check says of it, where it says anything. */
  readonly reconnect?: boolean;
}

/**
 * Whether a new authorization mends it: only then is one offered. Never for what passes, for what waits to be confirmed,
 * or for what somebody mends elsewhere. What is lost is authorized again, whatever else has to be done for it.
 */
export function reconnectMends({ state, cause, who, reconnect }: Trouble): boolean {
  if (state === 'expired') return true;
  if (cause === null || (state !== 'degraded' && state !== 'failing')) return false;
  if (who === 'nobody' || who === 'platform') return false;
  const bySignIn = who === 'authorizing_user' && CAUSES[cause].reach !== 'call';
  return reconnect ?? (bySignIn || CAUSES[cause].reconnect);
}
