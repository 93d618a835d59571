import { DAY_MS, type Instant, MINUTE_MS } from '../../../core/instant.ts';
import { askConsent } from '../../kit/consent.ts';
import { escapeHtml } from '../../kit/consentPage.ts';
import type { SimApp } from '../../kit/simApps.ts';
import { redirectAnswer, type SimAnswer, type SimRequest, type SimWorld } from '../../kit/simulator.ts';
import type { GoogleApps } from './apps.ts';
import type { Flags } from './flags.ts';
import { PEOPLE, personBy, TEST_USERS } from './people.ts';
import { asAnswered, isIdentityScope, isKnownScope, scopeList } from './scopes.ts';

const LOOK = { colour: '#1a73e8', ink: '#fff', ground: '#ffffff', corners: 28, allow: 'Continue' };

const CODE_LIFETIME_MS = 10 * MINUTE_MS;
const TESTING_MS = 7 * DAY_MS;

/** What a code stands for until it is exchanged. */
export interface PendingCode {
  readonly person: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly challengeMethod: string | null;
  readonly nonce: string | null;
  readonly offline: boolean;
  readonly forcedConsent: boolean;
  readonly endsAt: Instant | null;
  readonly expiresAt: Instant;
}

/** accounts.google.com: the consent page. What Google refuses it refuses here, and sends nobody back. */
export class SignIn {
  readonly #world: SimWorld;
  readonly #apps: GoogleApps;
  readonly #flags: Flags;
  readonly #codes = new Map<string, PendingCode>();

  constructor(world: SimWorld, apps: GoogleApps, flags: Flags) {
    this.#world = world;
    this.#apps = apps;
    this.#flags = flags;
  }

  authorize(request: SimRequest): SimAnswer {
    const { query } = request;
    const app = this.#apps.get(query.get('client_id'));
    const refused = this.#refusesRequest(query, app);
    if (refused || !app) return refused ?? errorPage(401, 'invalid_client');
    const asked = scopeList(query.get('scope'));
    const decision = askConsent(request, {
      platformName: 'Google',
      appName: app.clientId,
      people: PEOPLE,
      scopes: asked.filter((scope) => !isIdentityScope(scope)),
      partial: true,
      look: LOOK,
      hint: personBy(query.get('login_hint'))?.id,
    });
    if (decision.decision === 'ask') return decision.page;
    if (decision.decision === 'deny') return back(query, { error: 'access_denied' });
    const ticked = asked.filter((scope) => isIdentityScope(scope) || decision.scopes.includes(scope));
    return this.#refusesPerson(app, decision.person) ?? this.#allow(query, app, decision.person, ticked);
  }

  /** The code's content, once. */
  redeem(code: string | null): PendingCode | undefined {
    const pending = this.#codes.get(code ?? '');
    this.#codes.delete(code ?? '');
    return pending && pending.expiresAt > this.#world.now() ? pending : undefined;
  }

  #refusesRequest(query: URLSearchParams, app: SimApp | undefined): SimAnswer | undefined {
    if (!app) return errorPage(401, 'invalid_client');
    if (this.#flags.has('client_deleted', app.clientId)) return errorPage(401, 'deleted_client');
    if (app.disabled) return errorPage(401, 'disabled_client');
    const redirect = query.get('redirect_uri') ?? '';
    if (!/^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)[:/])/.test(redirect))
      return errorPage(400, 'redirect_uri_mismatch');
    if (query.get('response_type') !== 'code') return errorPage(400, 'invalid_request');
    const scopes = scopeList(query.get('scope'));
    return scopes.length === 0 || !scopes.every(isKnownScope) ? errorPage(400, 'invalid_scope') : undefined;
  }

  #refusesPerson(app: SimApp, person: string): SimAnswer | undefined {
    if (!PEOPLE.some((candidate) => candidate.id === person)) return errorPage(400, 'invalid_request');
    if (this.#flags.has('admin_policy', person)) return errorPage(400, 'admin_policy_enforced');
    return app.publishing === 'testing' && !TEST_USERS.includes(person)
      ? errorPage(403, 'access_denied')
      : undefined;
  }

  #allow(query: URLSearchParams, app: SimApp, person: string, scopes: readonly string[]): SimAnswer {
    const now = this.#world.now();
    const code = `4/0A${this.#world.token(60)}`;
    const onlyIdentity = scopes.every(isIdentityScope);
    this.#codes.set(code, {
      person,
      clientId: app.clientId,
      scopes,
      redirectUri: query.get('redirect_uri') ?? '',
      challenge: query.get('code_challenge'),
      challengeMethod: query.get('code_challenge_method'),
      nonce: query.get('nonce'),
      offline: query.get('access_type') === 'offline',
      forcedConsent: scopeList(query.get('prompt')).includes('consent'),
      endsAt: app.publishing === 'testing' && !onlyIdentity ? now + TESTING_MS : null,
      expiresAt: now + CODE_LIFETIME_MS,
    });
    return back(query, {
      code,
      scope: asAnswered(scopes).join(' '),
      authuser: '0',
      prompt: query.get('prompt') ?? 'none',
    });
  }
}

function back(query: URLSearchParams, fields: Record<string, string>): SimAnswer {
  const to = new URL(query.get('redirect_uri') ?? '');
  const state = query.get('state');
  if (state !== null) to.searchParams.set('state', state);
  for (const [name, value] of Object.entries(fields)) to.searchParams.set(name, value);
  return redirectAnswer(to.href);
}

function errorPage(status: number, error: string): SimAnswer {
  const body = `<!doctype html><html lang="en"><title>Sign in - simulated Google Accounts</title><h1>Access blocked</h1><p>Error ${status}: ${escapeHtml(error)}</p></html>`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}
