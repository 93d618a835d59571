import { numberAt, parseJson, textAt } from '../../core/answer.ts';
import { DAY_MS, type Instant } from '../../core/instant.ts';
import type { AppConfig, Held, Identity, Io, Issued, Outcome } from '../kit/adapter.ts';
import { accessToken, graphGet, graphSucceeded, sendTokenCall } from './graph.ts';
import { debugToken, type TokenReport } from './tokenReport.ts';

/** The documented life of a long-lived token, used where neither the answer nor debug_token tells one. */
const LONG_LIVED_SECONDS = 60 * 24 * 3600;

/** A token as it was handed over: by the token endpoint or by a person. */
export interface FreshToken {
  readonly token: string;
  /** Undefined: not told, which means never or "ask debug_token". */
  readonly expiresAt: Instant | undefined;
}

type Fields = Readonly<Record<string, string | undefined>>;

/** One call of the token endpoint. `token_type`, `scope` and a refresh token are of no use here: none comes. */
export async function requestToken(io: Io, app: AppConfig, fields: Fields): Promise<Outcome<FreshToken>> {
  const answer = await sendTokenCall(io, app, fields);
  if (!graphSucceeded(answer)) return { ok: false, answer };
  const json = parseJson(answer.body);
  const token = textAt(json, 'access_token');
  if (token === undefined || token === '') return { ok: false, answer };
  const lifetime = numberAt(json, 'expires_in');
  return {
    ok: true,
    value: { token, expiresAt: lifetime === undefined ? undefined : io.now() + lifetime * 1000 },
  };
}

/** A live token for a longer one. Only system users take the 60-day parameter, and need it. */
function exchangeToken(
  io: Io,
  app: AppConfig,
  token: string,
  systemUser: boolean,
): Promise<Outcome<FreshToken>> {
  return requestToken(io, app, {
    grant_type: 'fb_exchange_token',
    fb_exchange_token: token,
    set_token_expires_in_60_days: systemUser ? 'true' : undefined,
  });
}

/**
 * A token that just arrived, made long-lived, with its clocks, its permissions and whose it is. Where the
 * exchange fails, the short token stands: it works, and the next renewal exchanges it.
 */
export async function settle(
  io: Io,
  app: AppConfig,
  fresh: FreshToken,
  report: Outcome<TokenReport>,
): Promise<Outcome<Issued>> {
  if (report.ok && !report.value.valid) return { ok: false, answer: report.value.answer };
  const end = endOf(fresh, report);
  const shortLived = typeof end === 'number' && end - io.now() <= DAY_MS;
  if (!shortLived) return withIdentity(io, app, fresh, report);
  const longer = await exchangeToken(io, app, fresh.token, report.ok && isSystemUser(report.value));
  if (!longer.ok) return withIdentity(io, app, fresh, report);
  const again = await debugToken(io, app, longer.value.token);
  return withIdentity(io, app, longer.value, again.ok ? again : carriedOver(report, longer.value));
}

const isSystemUser = (report: TokenReport): boolean => report.type === 'SYSTEM_USER';

/** What was said of the former token of the same login holds for the new one, but for its end. */
function carriedOver(report: Outcome<TokenReport>, fresh: FreshToken): Outcome<TokenReport> {
  return report.ok ? { ok: true, value: { ...report.value, expiresAt: fresh.expiresAt } } : report;
}

/** debug_token knows best, then the answer. Undefined where both are silent. */
function endOf(fresh: FreshToken, report: Outcome<TokenReport>): Instant | null | undefined {
  const reported = report.ok ? report.value.expiresAt : undefined;
  return reported === undefined ? fresh.expiresAt : reported;
}

async function withIdentity(
  io: Io,
  app: AppConfig,
  fresh: FreshToken,
  report: Outcome<TokenReport>,
): Promise<Outcome<Issued>> {
  const answer = await io.send(graphGet(app, fresh.token, '/me', { fields: 'id,name' }));
  const me = graphSucceeded(answer) ? parseJson(answer.body) : undefined;
  const id = (report.ok ? report.value.userId : undefined) ?? textAt(me, 'id');
  if (id === undefined) return { ok: false, answer: report.ok ? answer : report.answer };
  const kind: Identity['kind'] = report.ok && isSystemUser(report.value) ? 'system_user' : 'person';
  const identity: Identity = { id, kind, name: textAt(me, 'name') ?? null, email: null };
  return { ok: true, value: { ...issuedFrom(io.now(), fresh, report), identity } };
}

/** A token and what debug_token says of it. Without a report, what was known before stays. */
function issuedFrom(now: Instant, fresh: FreshToken, report: Outcome<TokenReport>): Issued {
  const known = endOf(fresh, report);
  const accessExpiresAt = known === undefined ? now + LONG_LIVED_SECONDS * 1000 : known;
  return {
    secrets: { access_token: fresh.token },
    issuedAt: now,
    accessExpiresAt,
    accessExpiryAssumed: known === undefined,
    // The token is its own renewal credential: once it has ended, nothing renews it.
    renewalExpiresAt: accessExpiresAt,
    ...(report.ok ? { hardEnds: report.value.hardEnds, extra: report.value.extra } : {}),
    ...(report.ok && report.value.scopes ? { scopesGranted: report.value.scopes } : {}),
  };
}

/**
 * Exchanges the held token for one that lives longer. A token without an end is only looked up: exchanging it
 * would turn a permanent token into one of 60 days.
 */
export async function extend(io: Io, app: AppConfig, held: Held): Promise<Outcome<Issued>> {
  if (held.facts.accessExpiresAt === null) return confirmEndless(io, app, held);
  const systemUser = held.identity?.kind === 'system_user' || held.facts.extra.token_type === 'SYSTEM_USER';
  const longer = await exchangeToken(io, app, accessToken(held), systemUser);
  if (!longer.ok) return longer;
  const report = await debugToken(io, app, longer.value.token);
  const dead = report.ok && !report.value.valid;
  return dead
    ? { ok: false, answer: report.value.answer }
    : { ok: true, value: issuedFrom(io.now(), longer.value, report) };
}

async function confirmEndless(io: Io, app: AppConfig, held: Held): Promise<Outcome<Issued>> {
  const report = await debugToken(io, app, accessToken(held));
  if (!report.ok) return report;
  if (!report.value.valid) return { ok: false, answer: report.value.answer };
  const same = { token: accessToken(held), expiresAt: undefined };
  return { ok: true, value: { ...issuedFrom(io.now(), same, report), issuedAt: held.facts.issuedAt } };
}
