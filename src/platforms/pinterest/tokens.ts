import { numberAt, type PlatformAnswer, parseJson } from '../../core/answer.ts';
import { DAY_MS, type Instant } from '../../core/instant.ts';
import type { AppConfig, ExchangeInput, Held, Io, Issued, Outcome } from '../kit/adapter.ts';
import { readTokenAnswer, succeeded } from '../kit/oauth.ts';
import { basic, formPost } from '../kit/request.ts';

export const API = 'https://api.pinterest.com/v5';
const TOKEN = `${API}/oauth/token`;
const ACCESS_SECONDS = 2_592_000;
const RENEWAL_MS = 60 * DAY_MS;

const client = (app: AppConfig) => basic(app.clientId, app.clientSecret);

async function requestToken(
  io: Io,
  app: AppConfig,
  fields: Record<string, string>,
): Promise<Outcome<Issued>> {
  const answer = await io.send(formPost('token', TOKEN, fields, client(app)));
  const options = { now: io.now(), defaultLifetimeSeconds: ACCESS_SECONDS };
  const issued = readTokenAnswer(answer, { ...options, refreshLifetimeField: 'refresh_token_expires_in' });
  if (!issued.ok || issued.value.secrets.refresh_token === undefined) return issued;
  const renewalExpiresAt = issued.value.renewalExpiresAt ?? endTold(answer) ?? io.now() + RENEWAL_MS;
  return { ok: true, value: { ...issued.value, renewalExpiresAt, hardEnds: [] } };
}

/** The end as a moment: second choice, since it depends on two clocks that agree. */
function endTold(answer: PlatformAnswer): Instant | undefined {
  const seconds =
    answer.kind === 'answer' ? numberAt(parseJson(answer.body), 'refresh_token_expires_at') : undefined;
  return seconds === undefined ? undefined : seconds * 1000;
}

export function exchangeCode(io: Io, app: AppConfig, input: ExchangeInput): Promise<Outcome<Issued>> {
  return requestToken(io, app, {
    grant_type: 'authorization_code',
    code: input.code,
    redirect_uri: input.redirectUri,
    // Apps made before 2025-09-25 get an end that never moves without it; newer ones ignore it.
    continuous_refresh: 'true',
  });
}

export async function renewTokens(io: Io, app: AppConfig, held: Held): Promise<Outcome<Issued>> {
  const refresh_token = held.secrets.refresh_token ?? '';
  const issued = await requestToken(io, app, { grant_type: 'refresh_token', refresh_token });
  if (!issued.ok || issued.value.secrets.refresh_token !== undefined) return issued;
  return { ok: true, value: { ...issued.value, ...fixedEnd(held) } };
}

/** An answer without a refresh token keeps the old one, whose end then stays where it is: only a person moves it. */
function fixedEnd(held: Held): Pick<Issued, 'hardEnds'> {
  const at = held.facts.renewalExpiresAt;
  if (at === null) return {};
  const source = 'a renewal brought no new refresh token: the app has no continuous refresh';
  return { hardEnds: [{ kind: 'refresh_token', at, source, endsGrant: true }] };
}

/** Works for tokens of system users only; for a person's it is refused, and the app has to be removed at Pinterest. */
export async function revokeTokens(io: Io, app: AppConfig, held: Held): Promise<Outcome<null>> {
  const kind = held.secrets.refresh_token === undefined ? 'access_token' : 'refresh_token';
  const fields = { token: held.secrets[kind], token_type_hint: kind };
  const answer = await io.send(formPost('revoke', `${TOKEN}/revoke`, fields, client(app)));
  return succeeded(answer) ? { ok: true, value: null } : { ok: false, answer };
}
