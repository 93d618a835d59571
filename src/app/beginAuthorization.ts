import { MINUTE_MS } from '../core/instant.ts';
import type { Identity } from '../platforms/kit/adapter.ts';
import { sessionRow, subjectsOf } from './connectActivity.ts';
import { contextOf, openSession } from './connectPage.ts';
import type { House } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { codeChallengeOf, sha256Hex } from './hash.ts';
import { newSecret } from './ids.ts';
import { openApp } from './openGrant.ts';

/** How long a person may take at the platform. */
const ATTEMPT_LIFETIME_MS = 30 * MINUTE_MS;

export interface BegunAuthorization {
  /** Where to send the person. */
  readonly url: string;
  /** To be kept in the browser: proves at the callback that the same browser began (RFC 9700 4.7). */
  readonly browserSecret: string;
  readonly state: string;
}

/** Sends a person to the platform: fresh state, verifier and browser binding for every trip. */
export async function beginAuthorization(
  house: House,
  token: string,
  browserSecret: string | null,
): Promise<BegunAuthorization> {
  const session = await openSession(house, token);
  const ctx = contextOf(house, session);
  const app = await house.store.getApp(ctx.workspaceId, session.appId);
  if (!app) throw notFound('app', session.appId);
  const open = await openApp(house, app, session.method);
  if (!open.adapter.authorizeUrl)
    throw new Problem('unknown_method', `${open.method.name} is not done by signing in: fill in the fields.`);
  const before = session.connectionId
    ? await house.store.getConnection(ctx.workspaceId, session.connectionId)
    : null;
  const state = newSecret(house);
  const verifier = open.method.pkce ? newSecret(house) : null;
  const nonce = newSecret(house);
  const browser = browserSecret ?? newSecret(house);
  const vault = await house.vault.forWorkspace(ctx.workspaceId);
  const redirectUri = redirectUriOf(house, session.platform);
  const stateHash = sha256Hex(state);
  const now = house.now();
  const attempt = {
    workspaceId: ctx.workspaceId,
    stateHash,
    sessionId: session.id,
    codeVerifier: verifier && vault.seal({ owner: stateHash, field: 'code_verifier', version: 0 }, verifier),
    nonce,
    browserHash: sha256Hex(browser),
    redirectUri,
    createdAt: now,
    expiresAt: now + ATTEMPT_LIFETIME_MS,
    usedAt: null,
  };
  await house.store.transaction(async (store) => {
    await store.insertAttempt(attempt);
    await store.appendActivity([sessionRow(ctx, 'connect.begun', subjectsOf(session), {})]);
  });
  const url = await open.adapter.authorizeUrl(
    open.config,
    {
      redirectUri,
      state,
      codeChallenge: verifier && codeChallengeOf(verifier),
      nonce,
      scopes: session.scopes,
      identity: (before?.grant.identity as Identity | null) ?? null,
      reconnect: before !== null,
      hardEnds: before?.grant.facts.hardEnds ?? [],
    },
    open.io,
  );
  return { url: house.wire.browserUrl(app.environment, url), browserSecret: browser, state };
}

/** A redirect address of its own for each platform, never from input (RFC 9700 4.4). */
export function redirectUriOf(house: House, platformId: string): string {
  return `${house.publicUrl}/oauth/callback/${platformId}`;
}
