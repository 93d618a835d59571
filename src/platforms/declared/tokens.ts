import { at, numberAt, type PlatformAnswer, parseJson, textAt } from '../../core/answer.ts';
import type { Instant } from '../../core/instant.ts';
import { narrowedScopes } from '../../core/scopes.ts';
import type { Held, Issued, Outcome } from '../kit/adapter.ts';
import { readTokenAnswer } from '../kit/oauth.ts';
import type { Declaration } from './declaration.ts';
import { refused } from './refusal.ts';

/** Assumed where a server with refresh tokens does not say how long access tokens live: renewing early does no harm. */
const ASSUMED_ACCESS_LIFETIME_SECONDS = 3600;

/** What a first token answer brings. A token of a type that Evergrant cannot use is refused (RFC 6749 7.1). */
export function readFirstTokens(
  declaration: Declaration,
  answer: PlatformAnswer,
  now: Instant,
): Outcome<Issued> {
  const issued = readTokens(declaration, answer, now, false);
  if (!issued.ok) return issued;
  const type = answer.kind === 'answer' ? textAt(parseJson(answer.body), 'token_type') : undefined;
  if (!isUsable(declaration, type)) {
    return refused(
      'token',
      'token_type_unsupported',
      'The server issued a token type that is not among token_types.',
    );
  }
  const renewalExpiresAt = firstRenewalEnd(declaration, answer, now);
  return { ok: true, value: { ...issued.value, renewalExpiresAt } };
}

/**
 * What a renewal brings. Nothing that can be read is refused here: the old refresh token may be spent, so an answer
 * that is turned down for a detail would lose the grant.
 */
export function readRenewedTokens(
  declaration: Declaration,
  answer: PlatformAnswer,
  held: Held,
  now: Instant,
): Outcome<Issued> {
  const issued = readTokens(declaration, answer, now, true);
  if (!issued.ok) return issued;
  const { scopesGranted, ...rest } = issued.value;
  const end = nextRenewalEnd(declaration, answer, issued.value, now);
  return {
    ok: true,
    value: {
      ...rest,
      ...(end === undefined ? {} : { renewalExpiresAt: end }),
      ...(scopesGranted === undefined
        ? {}
        : { scopesGranted: narrowedScopes(held.facts.scopesGranted, scopesGranted) }),
    },
  };
}

function readTokens(
  declaration: Declaration,
  answer: PlatformAnswer,
  now: Instant,
  renewing: boolean,
): Outcome<Issued> {
  return readTokenAnswer(answer, {
    now,
    payload: tolerant,
    defaultLifetimeSeconds: defaultLifetime(declaration, answer, renewing),
  });
}

/** Scopes as a list, and lifetimes of nothing or less, are what servers send that the RFC has no place for. */
function tolerant(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  const scope = at(json, 'scope');
  const text = Array.isArray(scope) ? scope.join(' ') : scope;
  const lifetime = numberAt(json, 'expires_in');
  return {
    ...json,
    scope: typeof text === 'string' && text.trim() !== '' ? text : undefined,
    expires_in: lifetime !== undefined && lifetime > 0 ? lifetime : undefined,
  };
}

/** null: without a refresh token and without a word from anybody, the access token is taken not to end. */
function defaultLifetime(
  { access_lifetime_seconds: declared }: Declaration,
  answer: PlatformAnswer,
  renewing: boolean,
): number | null {
  if (declared !== undefined) return declared === 'never' ? null : declared;
  const renewable = renewing || (answer.kind === 'answer' && textAt(parseJson(answer.body), 'refresh_token'));
  return renewable ? ASSUMED_ACCESS_LIFETIME_SECONDS : null;
}

/** RFC 6749 5.1: compared without regard to case. A server that forgets it means bearer. */
function isUsable(declaration: Declaration, type: string | undefined): boolean {
  if (type === undefined || type === '') return true;
  return ['bearer', ...declaration.token_types].some((known) => known.toLowerCase() === type.toLowerCase());
}

function firstRenewalEnd(declaration: Declaration, answer: PlatformAnswer, now: Instant): Instant | null {
  if (!endsByTime(declaration)) return null;
  return toldEnd(answer, now) ?? declaredEnd(declaration, now);
}

/** undefined: as before. null: a new refresh token of which no end is known. */
function nextRenewalEnd(
  declaration: Declaration,
  answer: PlatformAnswer,
  issued: Issued,
  now: Instant,
): Instant | null | undefined {
  if (!endsByTime(declaration)) return undefined;
  const told = toldEnd(answer, now);
  if (told !== undefined || declaration.refresh_clock === 'from_consent') return told;
  return declaredEnd(declaration, now) ?? (issued.secrets.refresh_token === undefined ? undefined : null);
}

/** An end is kept only where the declaration says how it moves: a rolling one taken for fixed would raise false alarms. */
export function endsByTime({ refresh_clock: clock }: Declaration): boolean {
  return clock === 'from_consent' || clock === 'from_renewal';
}

/** The end of the refresh token as some servers tell it; 0 means none (Keycloak's offline tokens). */
function toldEnd(answer: PlatformAnswer, now: Instant): Instant | null | undefined {
  const json = answer.kind === 'answer' ? parseJson(answer.body) : undefined;
  const left = numberAt(json, 'refresh_token_expires_in') ?? numberAt(json, 'refresh_expires_in');
  if (left === undefined || left < 0) return undefined;
  return left === 0 ? null : now + left * 1000;
}

function declaredEnd({ refresh_lifetime_seconds: declared }: Declaration, now: Instant): Instant | null {
  return typeof declared === 'number' ? now + declared * 1000 : null;
}
