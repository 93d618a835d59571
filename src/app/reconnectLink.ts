import { DAY_MS } from '../core/instant.ts';
import type { GrantRecord } from '../store/records.ts';
import type { House } from './context.ts';
import { Problem } from './errors.ts';
import { numberOr } from './numbers.ts';

/** How long a reconnect link can be opened. */
const LINK_LIFETIME_MS = 3 * DAY_MS;
const OWNER = 'reconnect_link';

export type ReconnectLinks = (connectionId: string, grant: GrantRecord) => string;

/**
 * Makes links that re-authorize one connection and open nothing else. A link is sealed, so nobody can make one; it ends
 * after three days, and with the next authorization, so it serves once. Renewals do not end it: a link to mend what works
 * in part would else not last an hour. Nothing is stored for it.
 */
export async function reconnectLinks(house: House, workspaceId: string): Promise<ReconnectLinks> {
  const vault = await house.vault.forWorkspace(workspaceId);
  return (connectionId, grant) => {
    const claim = { connectionId, ...authorizationOf(grant), expiresAt: house.now() + LINK_LIFETIME_MS };
    const sealed = vault.seal({ owner: OWNER, field: workspaceId, version: 0 }, JSON.stringify(claim));
    return `${house.publicUrl}/reconnect/${workspaceId}~${sealed}`;
  };
}

interface Claim extends ReturnType<typeof authorizationOf> {
  readonly connectionId: string;
  readonly expiresAt: number;
}

/** What every new authorization changes, and nothing else. */
function authorizationOf({ id, facts }: GrantRecord) {
  return { grantId: id, consents: numberOr(facts.consentCount, 1) };
}

export interface ReconnectClaim {
  readonly workspaceId: string;
  readonly connectionId: string;
}

/** Reads a link. Throws {@link Problem} `link_expired` when it is over, used or not one of ours. */
export async function readReconnectLink(house: House, link: string): Promise<ReconnectClaim> {
  const split = link.indexOf('~');
  const workspaceId = link.slice(0, split);
  const claim = split > 0 ? await openClaim(house, workspaceId, link.slice(split + 1)) : undefined;
  if (!claim || claim.expiresAt <= house.now()) throw gone();
  const view = await house.store.getConnection(workspaceId, claim.connectionId);
  const current = view && authorizationOf(view.grant);
  if (!current || current.grantId !== claim.grantId || current.consents !== claim.consents) throw gone();
  return { workspaceId, connectionId: claim.connectionId };
}

async function openClaim(house: House, workspaceId: string, sealed: string) {
  const known = (await house.store.listWorkspaces()).some((workspace) => workspace.id === workspaceId);
  if (!known) return undefined;
  const vault = await house.vault.forWorkspace(workspaceId);
  try {
    const text = vault.open({ owner: OWNER, field: workspaceId, version: 0 }, sealed);
    return JSON.parse(text) as Claim;
  } catch {
    return undefined;
  }
}

function gone(): Problem {
  return new Problem(
    'link_expired',
    'This link is over or was already used. Ask whoever sent it for a new one.',
  );
}
