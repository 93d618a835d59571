import { CAUSES, type Cause } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import { IS_KEPT } from '../core/grantState.ts';
import { type Instant, MINUTE_MS, SECOND_MS, toRfc3339 } from '../core/instant.ts';
import { accessWorks, estimateLoss } from '../core/outage.ts';
import type { AppRecord, GrantRecord } from '../store/records.ts';
import type { Context } from './context.ts';
import { notFound, Problem } from './errors.ts';
import type { Held } from './held.ts';
import { openToken, type Token } from './openToken.ts';
import { reconnectLinks } from './reconnectLink.ts';
import { type Renewal, renewGrant } from './renewGrant.ts';
import { SHORTEST_GAP_MS } from './rest.ts';
import { describeLoss, nextLookOf } from './viewConnection.ts';

/** When to ask again where nothing is due by itself. */
const RETRY_MS = 30 * SECOND_MS;

export interface TokenInput {
  readonly connectionId: string;
  /** Renew first when less than this is left. Default 300. No promise: a platform's tokens may live shorter. */
  readonly minTtlSeconds: number;
}

/**
 * A working access token of a connection. Renews it first when less than `minTtlSeconds` is left; hands out the one that
 * still works when that fails. Throws {@link Problem} `reauthorization_required` when a person is needed; `app_failing` or
 * `temporarily_unavailable`, with the time to ask again, when nobody has to reauthorize.
 */
export async function getToken(ctx: Context, input: TokenInput): Promise<Token> {
  const { house, workspaceId, actor } = ctx;
  const view = await house.connections(workspaceId, input.connectionId);
  if (!view) throw notFound('connection', input.connectionId);
  if (view.connection.status === 'disconnected') {
    throw new Problem(
      'connection_disconnected',
      'This connection was disconnected on purpose. Connect it again to use it.',
    );
  }
  const now = house.now();
  const left = remainingMs(view.grant, now);
  const enough = left > 0 && left >= input.minTtlSeconds * 1000;
  const grant = enough ? view.grant : await freshest(ctx, view.grant, input);
  const token = await openToken(house, grant);
  house.readLog.add({ workspaceId, connectionId: input.connectionId, actor }, now);
  house.meter.count('token_reads', { platform: grant.platform });
  return token;
}

/** How long the stored access token still works: negative or zero when it does not, infinite when it has no end. */
export function remainingMs(grant: GrantRecord, now: Instant): number {
  if (grant.state === 'revoked' || !accessWorks(grant.facts, now)) return 0;
  return grant.facts.accessExpiresAt === null ? Number.POSITIVE_INFINITY : grant.facts.accessExpiresAt - now;
}

async function freshest(ctx: Context, grant: GrantRecord, input: TokenInput): Promise<GrantRecord> {
  const { house, workspaceId, actor } = ctx;
  const now = house.now();
  const works = remainingMs(grant, now) > 0;
  const wish = renewable(grant) ? 'renew' : 'probe';
  if (
    !IS_KEPT[grant.state] ||
    mustRest(grant, now) ||
    (works && (wish === 'probe' || isFreshest(grant, input, now)))
  ) {
    if (works) return grant;
    throw await lost(ctx, input.connectionId, grant, null);
  }
  const { id, credentialVersion } = grant;
  const renewal = await renewGrant(house, { workspaceId, id, credentialVersion }, wish, actor).catch(
    (error) => {
      if (remainingMs(grant, house.now()) <= 0) throw error;
      house.log.warn(
        { grant: id, err: error },
        'A renewal could not be asked for; the token that works is handed out',
      );
      return { grant, diagnosis: null, kind: 'failed' } as const;
    },
  );
  if (remainingMs(renewal.grant, house.now()) > 0) return renewal.grant;
  throw await lost(ctx, input.connectionId, renewal.grant, renewal);
}

/**
 * Readers of a grant that cannot be renewed just now do not multiply the calls to a platform that is in trouble, nor send it
 * again what it refused before that is due to be confirmed: some lock a login after a few tries.
 */
function mustRest({ failures, lastAttemptAt, pending }: GrantRecord, now: Instant): boolean {
  if ((pending?.confirmAt ?? 0) > now) return true;
  return failures > 0 && lastAttemptAt !== null && now - lastAttemptAt < SHORTEST_GAP_MS;
}

/** More than a credential ever lives was asked for, and it was renewed a moment ago: another renewal brings nothing. */
function isFreshest(
  { facts, credentialVersion }: GrantRecord,
  { minTtlSeconds }: TokenInput,
  now: Instant,
): boolean {
  const lifeMs = (facts.accessExpiresAt ?? now) - facts.issuedAt;
  return credentialVersion > 1 && lifeMs <= minTtlSeconds * 1000 && now - facts.issuedAt < MINUTE_MS;
}

function renewable(grant: GrantRecord): boolean {
  return grant.facts.renewable;
}

async function lost(
  ctx: Context,
  connectionId: string,
  grant: GrantRecord,
  renewal: Renewal | null,
): Promise<Problem> {
  if (!IS_KEPT[grant.state] || personIsAsked(grant)) return reauthorizationRequired(ctx, connectionId, grant);
  const { house } = ctx;
  const app = await house.store.getApp(grant.workspaceId, grant.appId);
  const cause = renewal?.diagnosis?.cause ?? app?.breaker?.cause ?? grant.cause ?? 'unknown';
  const appAtFault = isOfApp(cause, app, renewal?.diagnosis ?? null);
  const known = cause === grant.cause ? grant.evidence : null;
  const who = renewal?.diagnosis?.who ?? known?.who ?? CAUSES[cause].who;
  const remedy = renewal?.diagnosis?.remedy ?? known?.remedy ?? CAUSES[cause].remedy;
  const now = house.now();
  const retryAt = Math.max(grant.dueAt ?? now + RETRY_MS, now + SECOND_MS);
  return new Problem(
    appAtFault ? 'app_failing' : 'temporarily_unavailable',
    detailOf(appAtFault, who, remedy),
    {
      connection_id: connectionId,
      state: grant.state,
      cause,
      since: toRfc3339(estimateLoss(grant.facts, now).startedAt),
      who,
      remedy,
      retry_at: toRfc3339(retryAt),
      retry_after_seconds: Math.ceil((retryAt - now) / SECOND_MS),
    },
  );
}

/** Causes of the app's may concern one grant alone (a key of its own): then nothing is on record of the app. */
function isOfApp(cause: Cause, app: AppRecord | null, diagnosis: Diagnosis | null): boolean {
  if (diagnosis !== null) return diagnosis.reach === 'app';
  return app !== null && app.breaker !== null && CAUSES[cause].reach === 'app';
}

function detailOf(appAtFault: boolean, who: string, remedy: string): string {
  if (appAtFault) return `The access token has ended and the platform refuses the app: ${remedy}`;
  const said = 'The access token has ended and could not be renewed just now. Evergrant keeps trying';
  return who === 'operator' ? `${said}. ${remedy}` : `${said}; ask again shortly.`;
}

/** Nothing is dead, yet what keeps an ended token from being renewed is for the person to give, and was said more than once. */
function personIsAsked({ state, cause, evidence, failures }: GrantRecord): boolean {
  if (state !== 'degraded' || cause === null || failures < 2) return false;
  return (evidence?.who ?? CAUSES[cause].who) === 'authorizing_user';
}

/**
 * The problem that a broken connection answers with: cause, since when, who can mend it and where, and when it is looked at
 * again by itself. `held`: a look was asked for, and the platform was not asked.
 */
export async function reauthorizationRequired(
  ctx: Context,
  connectionId: string,
  grant: GrantRecord,
  held: Held | null = null,
): Promise<Problem> {
  const loss = describeLoss(grant);
  const links = await reconnectLinks(ctx.house, grant.workspaceId);
  const lookAt = nextLookOf(grant);
  const later = held
    ? ` The platform was not asked just now: a renewal asks it again from ${toRfc3339(held.until)}.`
    : '';
  return new Problem('reauthorization_required', `${loss.explanation} ${loss.remedy}${later}`, {
    connection_id: connectionId,
    state: grant.state,
    cause: loss.cause,
    since: toRfc3339(grant.stateSince),
    who: loss.who,
    remedy: loss.remedy,
    reconnect_url: links(connectionId, grant),
    ...(lookAt !== null && { retry_at: toRfc3339(lookAt) }),
    ...(held && { held_until: toRfc3339(held.until), held_reason: held.reason }),
  });
}
