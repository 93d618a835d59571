import { askConsent } from '../../kit/consent.ts';
import {
  basicOf,
  formOf,
  redirectAnswer,
  type SimAnswer,
  type SimRequest,
  textAnswer,
} from '../../kit/simulator.ts';
import { PEOPLE } from './data.ts';
import type { Authorization, PinterestState } from './state.ts';

const LOOK = { colour: '#e60023', ink: '#fff', ground: '#ffffff', corners: 24, allow: 'Give access' };

const CODE_LIFETIME_MS = 600_000;
const ACCESS_LIFETIME_MS = 2_592_000_000;
const REFRESH_LIFETIME_MS = 5_184_000_000;

interface PendingCode {
  readonly authorization: Authorization;
  readonly redirectUri: string;
  readonly expiresAt: number;
}

/** Consent page, token endpoint with rotation, and a revocation that is for system users only. */
export class PinterestOAuth {
  readonly #state: PinterestState;
  readonly #codes = new Map<string, PendingCode>();

  constructor(state: PinterestState) {
    this.#state = state;
  }

  authorize(request: SimRequest): SimAnswer {
    const app = this.#state.apps.get(request.query.get('client_id') ?? request.query.get('consumer_id'));
    const redirectUri = request.query.get('redirect_uri');
    if (!app || app.disabled || !redirectUri) return textAnswer(400, 'This app is not available.');
    const scopes = (request.query.get('scope') ?? '').split(/[\s,]+/).filter((scope) => scope !== '');
    const screen = {
      platformName: 'Pinterest',
      appName: app.clientId,
      people: PEOPLE,
      scopes,
      partial: false,
      look: LOOK,
    };
    const decision = askConsent(request, screen);
    if (decision.decision === 'ask') return decision.page;
    const back = new URL(redirectUri);
    const state = request.query.get('state');
    if (decision.decision === 'deny') back.searchParams.set('error', 'access_denied');
    else
      back.searchParams.set(
        'code',
        this.#newCode(app.clientId, decision.person, decision.scopes, redirectUri),
      );
    if (state !== null) back.searchParams.set('state', state);
    return redirectAnswer(back.href);
  }

  #newCode(clientId: string, person: string, codeScopes: readonly string[], redirectUri: string): string {
    const { world } = this.#state;
    const code = world.token(40);
    const authorization = {
      person,
      clientId,
      codeScopes,
      refreshEndsAt: 0,
      revoked: false,
    };
    this.#codes.set(code, { authorization, redirectUri, expiresAt: world.now() + CODE_LIFETIME_MS });
    return code;
  }

  token(request: SimRequest): SimAnswer {
    const client = this.#client(request);
    if (!client.ok) return client.answer;
    const fault = this.#state.faultFor(client.id);
    if (fault) return fault;
    const form = formOf(request);
    if (form.get('grant_type') === 'authorization_code') return this.#exchange(form, client.id);
    if (form.get('grant_type') === 'refresh_token') return this.#refresh(form, client.id);
    return this.#state.answers.error(400, 1, 'Invalid grant_type');
  }

  /** Basic alone counts: an id or secret in the body is not read. */
  #client(request: SimRequest): { ok: true; id: string } | { ok: false; answer: SimAnswer } {
    const { apps, answers, deletedApps } = this.#state;
    const id = basicOf(request)?.user ?? '';
    const app = apps.get(id);
    if (id !== '' && (!app || deletedApps.has(id))) {
      const answer = answers.error(401, 283, 'The authorization grant is invalid', {
        data: 'Invalid Application ID',
      });
      return { ok: false, answer };
    }
    if (!app || app.disabled || !apps.authenticate(id, basicOf(request)?.password)) {
      return { ok: false, answer: answers.error(401, 2, 'Authentication failed.') };
    }
    return { ok: true, id };
  }

  #exchange(form: URLSearchParams, clientId: string): SimAnswer {
    const code = form.get('code') ?? '';
    const found = this.#codes.get(code);
    this.#codes.delete(code);
    const good =
      found &&
      found.expiresAt > this.#state.world.now() &&
      found.redirectUri === form.get('redirect_uri') &&
      found.authorization.clientId === clientId;
    if (!good) return this.#refuseGrant();
    const { authorization } = found;
    const approved = this.#state.approved(authorization.person, clientId);
    for (const scope of authorization.codeScopes) approved.add(scope);
    this.#state.authorizations.add(authorization);
    return this.#issue(authorization, null, 'authorization_code', ',');
  }

  #refresh(form: URLSearchParams, clientId: string): SimAnswer {
    const refreshToken = form.get('refresh_token') ?? '';
    const { refreshTokens } = this.#state;
    const found = refreshTokens.ownerOf(refreshToken);
    if (found && refreshTokens.check(refreshToken) === 'reused') found.revoked = true;
    if (found?.clientId !== clientId || !this.renews(refreshToken)) return this.#refuseGrant();
    // The documents name this value beside the listed ones, and leave the separator open.
    return this.#issue(found, refreshToken, 'integration_refresh', ' ');
  }

  /** Whether a refresh token may be used, and its authorization goes on. */
  renews(refreshToken: string): boolean {
    const { refreshTokens, deactivated, world } = this.#state;
    const found = refreshTokens.ownerOf(refreshToken);
    if (!found || refreshTokens.check(refreshToken) !== 'good') return false;
    return !found.revoked && found.refreshEndsAt > world.now() && !deactivated.has(found.person);
  }

  #refuseGrant(): SimAnswer {
    return this.#state.answers.error(401, 283, 'The authorization grant is invalid');
  }

  #issue(
    authorization: Authorization,
    used: string | null,
    responseType: string,
    separator: string,
  ): SimAnswer {
    const { answers, world, accessTokens, refreshTokens } = this.#state;
    const accessToken = `pina_${world.token(60)}`;
    const refreshToken = refreshTokens.next(authorization, used, () => `pinr.${world.token(80)}`);
    authorization.refreshEndsAt = world.now() + REFRESH_LIFETIME_MS;
    accessTokens.set(accessToken, { authorization, expiresAt: world.now() + ACCESS_LIFETIME_MS });
    return answers.ok({
      response_type: responseType,
      access_token: accessToken,
      token_type: 'bearer',
      expires_in: ACCESS_LIFETIME_MS / 1000,
      scope: [...this.#state.approved(authorization.person, authorization.clientId)].join(separator),
      refresh_token: refreshToken,
      refresh_token_expires_in: REFRESH_LIFETIME_MS / 1000,
      refresh_token_expires_at: Math.floor(authorization.refreshEndsAt / 1000),
    });
  }

  revoke(request: SimRequest): SimAnswer {
    const client = this.#client(request);
    if (!client.ok) return client.answer;
    return this.#state.answers.error(403, 29, 'You are not permitted to access that resource.');
  }
}
