import { at, type PlatformAnswer, parseJson, type ReceivedAnswer, textAt } from '../../core/answer.ts';
import type { Instant } from '../../core/instant.ts';
import type { Held, Issued, Outcome } from '../kit/adapter.ts';
import { readTokenAnswer, succeeded } from '../kit/oauth.ts';

/** Google answers `expires_in: 3599`; this is used only where it does not say. */
const DEFAULT_LIFETIME_SECONDS = 3600;

/** A success of the token endpoint. What is no success loses its tokens before anybody keeps it as evidence. */
export function readIssued(answer: PlatformAnswer, now: Instant): Outcome<Issued> {
  const issued = readTokenAnswer(answer, {
    now,
    defaultLifetimeSeconds: DEFAULT_LIFETIME_SECONDS,
    refreshLifetimeField: 'refresh_token_expires_in',
  });
  if (!issued.ok) return { ok: false, answer: withoutIdToken(answer) };
  const { scopesGranted } = issued.value;
  if (scopesGranted === undefined) return issued;
  return { ok: true, value: { ...issued.value, scopesGranted: shortScopes(scopesGranted) } };
}

/** A scope that Google does not know brings 200 with nothing but an id token: kept as a mark, not as a value. */
function withoutIdToken(answer: PlatformAnswer): PlatformAnswer {
  if (!succeeded(answer)) return answer;
  const json = parseJson(answer.body);
  return textAt(json, 'id_token') === undefined
    ? answer
    : { ...answer, body: JSON.stringify({ id_token: 'removed' }) };
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  'https://www.googleapis.com/auth/userinfo.email': 'email',
  'https://www.googleapis.com/auth/userinfo.profile': 'profile',
};

/** Google answers `email` and `profile` by their long names, whichever were asked for. */
export function shortScopes(scopes: readonly string[]): readonly string[] {
  return [...new Set(scopes.map((scope) => SHORT_NAMES[scope] ?? scope))];
}

/** A refusal of ours, in the shape of an answer, so that the same checks read it. Never carries what was refused. */
export function refusal(
  error: string,
  error_description: string,
): { readonly ok: false; readonly answer: ReceivedAnswer } {
  const body = JSON.stringify({ error, error_description });
  return { ok: false, answer: { kind: 'answer', endpoint: 'token', status: 400, headers: {}, body } };
}

export const accessToken = (held: Held): string => held.secrets.access_token ?? '';

/** The list at a path; empty where there is none. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}
