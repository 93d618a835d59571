import { askConsent } from '../../kit/consent.ts';
import { jsonOf, redirectAnswer, type SimAnswer, type SimRequest, textAnswer } from '../../kit/simulator.ts';
import { CREATORS, USERS } from './data.ts';
import { textIn } from './envelope.ts';
import type { AccountGrant, TiktokState } from './state.ts';

const LOOK = { colour: '#d91a43', ink: '#fff', ground: '#f8f8f8', corners: 4, allow: 'Authorize' };

const CODE_LIFETIME_MS = 3_600_000;
const ACCESS_LIFETIME_MS = 86_400_000;
const REFRESH_LIFETIME_MS = 31_536_000_000;

/** Accounts API: tokens of 24 hours under a year that counts down from the consent. */
export class AccountApi {
  readonly #state: TiktokState;
  readonly #codes = new Map<
    string,
    { readonly grant: AccountGrant; readonly redirectUri: string; readonly expiresAt: number }
  >();

  constructor(state: TiktokState) {
    this.#state = state;
  }

  authorize(request: SimRequest): SimAnswer {
    const { apps, world } = this.#state;
    const app = apps.get(request.query.get('client_key'));
    const redirectUri = request.query.get('redirect_uri');
    if (!app || app.disabled || !redirectUri) return textAnswer(200, 'Something went wrong: client_key');
    const scopes = (request.query.get('scope') ?? '').split(',').filter((scope) => scope !== '');
    const screen = {
      platformName: 'TikTok',
      appName: app.clientId,
      people: CREATORS,
      scopes,
      partial: true,
      look: LOOK,
    };
    const decision = askConsent(request, screen);
    if (decision.decision === 'ask') return decision.page;
    const back = new URL(redirectUri);
    const state = request.query.get('state');
    if (state !== null) back.searchParams.set('state', state);
    if (decision.decision === 'deny') {
      back.searchParams.set('error', 'access_denied');
    } else {
      const code = `${world.token(30)}*3!${world.token(4)}`;
      const grant = this.#newGrant(app.clientId, decision.person, decision.scopes);
      this.#codes.set(code, { grant, redirectUri, expiresAt: world.now() + CODE_LIFETIME_MS });
      back.searchParams.set('code', code);
      back.searchParams.set('scopes', decision.scopes.join(','));
    }
    return redirectAnswer(back.href);
  }

  #newGrant(clientId: string, person: string, scopes: readonly string[]): AccountGrant {
    const { world } = this.#state;
    // A person chosen by the id they have as an advertiser's user holds the TikTok account of the same place.
    const asUser = USERS.findIndex((user) => user.id === person);
    const refreshEndsAt = world.now() + REFRESH_LIFETIME_MS;
    return {
      person: CREATORS[asUser]?.id ?? person,
      clientId,
      scopes,
      refreshEndsAt,
      revoked: false,
    };
  }

  token(request: SimRequest): SimAnswer {
    const { envelope, world } = this.#state;
    const body = jsonOf(request);
    const refused = this.#refuseClient(body);
    if (refused) return refused;
    if (body.grant_type !== 'authorization_code') return this.#refuseGrantType(body.grant_type);
    const code = textIn(body, 'auth_code') ?? '';
    const found = this.#codes.get(code);
    this.#codes.delete(code);
    const good =
      found &&
      found.expiresAt > world.now() &&
      found.redirectUri === body.redirect_uri &&
      found.grant.clientId === body.client_id;
    if (!good)
      return envelope.error(
        40110,
        'The auth_code is canceled. Please re-authorize and try again with a new auth_code.',
      );
    this.#state.accountGrants.add(found.grant);
    return this.#issue(found.grant, null);
  }

  refresh(request: SimRequest): SimAnswer {
    const { envelope, world } = this.#state;
    const body = jsonOf(request);
    const refused = this.#refuseClient(body);
    if (refused) return refused;
    if (body.grant_type !== 'refresh_token') return this.#refuseGrantType(body.grant_type);
    const refreshToken = textIn(body, 'refresh_token') ?? '';
    const { refreshTokens } = this.#state;
    const grant = refreshTokens.ownerOf(refreshToken);
    const state = refreshTokens.check(refreshToken);
    if (grant && state === 'reused') grant.revoked = true;
    if (!grant || state !== 'good' || grant.revoked || grant.clientId !== body.client_id) {
      return envelope.error(40107, 'Invalid or incorrect refresh token.');
    }
    if (grant.refreshEndsAt <= world.now()) return envelope.error(40103, 'The refresh token has expired.');
    return this.#issue(grant, refreshToken);
  }

  /** Whether a refresh token may be used, of a grant whose year is not over. */
  renews(refreshToken: string): boolean {
    const { refreshTokens, world } = this.#state;
    const grant = refreshTokens.ownerOf(refreshToken);
    if (!grant || refreshTokens.check(refreshToken) !== 'good') return false;
    return !grant.revoked && grant.refreshEndsAt > world.now();
  }

  /** Whether an access token is neither ended nor withdrawn. */
  takes(accessToken: string): boolean {
    const held = this.#state.accountTokens.get(accessToken);
    return held !== undefined && !held.grant.revoked && held.expiresAt > this.#state.world.now();
  }

  #refuseClient(body: Record<string, unknown>): SimAnswer | undefined {
    const clientId = textIn(body, 'client_id') ?? '';
    const secret = textIn(body, 'client_secret') ?? '';
    return this.#state.authenticate(clientId, secret) ?? this.#state.faultFor(clientId);
  }

  #refuseGrantType(grantType: unknown): SimAnswer {
    return this.#state.envelope.error(
      40108,
      `Invalid value for grant_type: ${String(grantType)} is not supported.`,
    );
  }

  #issue(grant: AccountGrant, used: string | null): SimAnswer {
    const { envelope, world, refreshTokens } = this.#state;
    const accessToken = `act.${world.token(64)}`;
    const refreshToken = refreshTokens.next(grant, used, () => `rft.${world.token(64)}`);
    this.#state.accountTokens.set(accessToken, { grant, expiresAt: world.now() + ACCESS_LIFETIME_MS });
    return envelope.ok({
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: ACCESS_LIFETIME_MS / 1000,
      refresh_token: refreshToken,
      refresh_token_expires_in: Math.floor((grant.refreshEndsAt - world.now()) / 1000),
      scope: grant.scopes.join(','),
      open_id: grant.person,
    });
  }

  tokenInfo(request: SimRequest): SimAnswer {
    const body = jsonOf(request);
    const app_id = textIn(body, 'app_id') ?? '';
    const found = this.#grantOf(textIn(body, 'access_token') ?? '', app_id);
    if (!found.ok) return found.answer;
    const { grant } = found;
    return this.#state.envelope.ok({
      app_id,
      creator_id: grant.person,
      scope: [...grant.scopes].reverse().join(','),
    });
  }

  revoke(request: SimRequest): SimAnswer {
    const body = jsonOf(request);
    const refused = this.#refuseClient(body);
    if (refused) return refused;
    const found = this.#grantOf(textIn(body, 'access_token') ?? '', textIn(body, 'client_id') ?? '');
    if (!found.ok) return found.answer;
    found.grant.revoked = true;
    return this.#state.envelope.ok({});
  }

  profile(request: SimRequest): SimAnswer {
    const found = this.#grantOf(request.headers['access-token'] ?? '');
    if (!found.ok) return found.answer;
    const { grant } = found;
    if (request.query.get('business_id') !== grant.person) {
      return this.#state.envelope.error(40001, 'No permission to perform the related operation.');
    }
    if (!grant.scopes.includes('user.info.basic')) {
      return this.#state.envelope.error(40001, 'The user does not grant you /business/get/:GET permission');
    }
    const display_name = CREATORS.find((creator) => creator.id === grant.person)?.name;
    return this.#state.envelope.ok({
      display_name,
      profile_image: 'https://images.example.org/account.webp',
    });
  }

  #grantOf(
    accessToken: string,
    clientId?: string,
  ): { ok: true; grant: AccountGrant } | { ok: false; answer: SimAnswer } {
    const { envelope } = this.#state;
    const held = this.#state.accountTokens.get(accessToken);
    const fault = held && this.#state.faultFor(held.grant.clientId, held.grant.person);
    if (fault) return { ok: false, answer: fault };
    if (!held || held.grant.revoked)
      return { ok: false, answer: envelope.error(40105, 'Invalid or incorrect access token.') };
    if (held.expiresAt <= this.#state.world.now()) {
      return {
        ok: false,
        answer: envelope.error(
          40102,
          'The access token has expired. Please call with the latest access token.',
        ),
      };
    }
    if (clientId === undefined || clientId === held.grant.clientId) return { ok: true, grant: held.grant };
    const answer = envelope.error(40113, "The app_id is inconsistent with the token's app information.");
    return { ok: false, answer };
  }
}
