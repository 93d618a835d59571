import { CAUSES } from '../core/cause.ts';
import { MINUTE_MS } from '../core/instant.ts';
import type { ConnectionRecord, ConnectSessionRecord, JsonObject } from '../store/records.ts';
import { contextOf } from './connectPage.ts';
import type { House } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { reconnectLinks } from './reconnectLink.ts';
import { methodOf, platformOf } from './startConnect.ts';

/** How long the page that says "it worked" can be opened. */
const PROOF_LIFETIME_MS = 60 * MINUTE_MS;
const FIELD = 'connected_page';

/** The address of the page that a person ends on. Sealed, because it names people and clients. */
export async function connectedAddress(house: House, session: ConnectSessionRecord): Promise<string> {
  const vault = await house.vault.forWorkspace(session.workspaceId);
  const sealed = vault.seal(
    { owner: session.id, field: FIELD, version: 0 },
    String(house.now() + PROOF_LIFETIME_MS),
  );
  return `/connected/${session.id}?in=${encodeURIComponent(`${session.workspaceId}~${sealed}`)}`;
}

/** Where the integrator wants the person afterwards, with the outcome; null: they stay here. */
export function returnAddress(session: ConnectSessionRecord): string | null {
  if (session.returnUrl === null) return null;
  const url = new URL(session.returnUrl);
  url.searchParams.set('connect_session_id', session.id);
  url.searchParams.set('status', session.status);
  if (session.resultConnectionId) url.searchParams.set('connection_id', session.resultConnectionId);
  return url.href;
}

/** An ad account, or access to any, that a connection lacks. */
export interface LossShown {
  /** `no_account`: none was reached. `accounts`: `names` of those used before were not. `other`: see `remedy`. */
  readonly kind: 'no_account' | 'accounts' | 'other';
  readonly names: readonly string[];
  readonly remedy: string;
}

/** What the page that a person ends on shows. */
export interface ConnectedPage {
  readonly platformName: string;
  readonly clientName: string;
  readonly identity: string | null;
  readonly reconnect: boolean;
  readonly accounts: readonly string[];
  /** What was not allowed, and what will not work without it. */
  readonly missing: readonly { readonly scope: string; readonly features: readonly string[] }[];
  /** What the connection lacks although it was authorized; null: nothing. */
  readonly loss: LossShown | null;
  /** Where the person allows what is missing, in a sign-in of its own; null: nothing that another sign-in could bring. */
  readonly mendUrl: string | null;
  /** Whether another sign-in asks for ad accounts that were lost. */
  readonly choosesAnew: boolean;
  readonly returnUrl: string | null;
}

/** Reads the address made by {@link connectedAddress}. Throws {@link Problem} `link_expired` when it is over or not ours. */
export async function connectedPage(house: House, sessionId: string, proof: string): Promise<ConnectedPage> {
  const session = await provenSession(house, sessionId, proof);
  const ctx = contextOf(house, session);
  const platform = await platformOf(ctx, session.platform);
  const client = await house.store.getClient(session.workspaceId, session.clientId);
  const view = await house.store.getConnection(session.workspaceId, session.resultConnectionId ?? '');
  if (!client || !view) throw notFound('connection', session.resultConnectionId ?? '');
  const { scopes, asksForAccounts } = methodOf(platform, session.method);
  const { identity, evidence } = view.grant;
  const missing = evidence?.missingScopes ?? [];
  const links = await reconnectLinks(house, session.workspaceId);
  const loss = lossShown(view.connection);
  // Where the platform does not ask which to open, only somebody else can give access.
  const choosesAnew = asksForAccounts === true && (loss?.kind === 'no_account' || loss?.kind === 'accounts');
  const reached = view.connection.accounts.filter((account) => account.status !== 'unreachable');
  return {
    platformName: platform.profile.name,
    clientName: client.name,
    identity: identity && (identity.name ?? identity.email ?? identity.id),
    reconnect: session.connectionId !== null,
    accounts: reached.map(accountName),
    missing: missing.map((scope) => ({
      scope,
      features: scopes.find((spec) => spec.id === scope)?.features ?? [],
    })),
    loss,
    choosesAnew,
    mendUrl: missing.length > 0 || choosesAnew ? links(view.connection.id, view.grant) : null,
    returnUrl: returnAddress(session),
  };
}

const accountName = ({ name, id }: JsonObject): string => String(name ?? id);

function lossShown({ accounts, loss }: ConnectionRecord): LossShown | null {
  if (loss === null) return null;
  const names = accounts.filter((account) => loss.accounts.includes(String(account.id))).map(accountName);
  const remedy = loss.evidence.remedy ?? CAUSES[loss.cause].remedy;
  if (loss.cause === 'account_access_removed' && names.length > 0) return { kind: 'accounts', names, remedy };
  return { kind: loss.cause === 'not_provisioned' ? 'no_account' : 'other', names, remedy };
}

async function provenSession(house: House, sessionId: string, proof: string): Promise<ConnectSessionRecord> {
  const split = proof.indexOf('~');
  const workspaceId = proof.slice(0, Math.max(split, 0));
  const known = (await house.store.listWorkspaces()).some((workspace) => workspace.id === workspaceId);
  const until = known ? await openProof(house, workspaceId, sessionId, proof.slice(split + 1)) : 0;
  const session = until > house.now() ? await house.store.getConnectSession(workspaceId, sessionId) : null;
  if (session?.status === 'completed') return session;
  throw new Problem('link_expired', 'This page is no longer shown. What was connected stays connected.');
}

async function openProof(house: House, workspaceId: string, owner: string, sealed: string): Promise<number> {
  const vault = await house.vault.forWorkspace(workspaceId);
  try {
    return Number(vault.open({ owner, field: FIELD, version: 0 }, sealed));
  } catch {
    return 0;
  }
}
