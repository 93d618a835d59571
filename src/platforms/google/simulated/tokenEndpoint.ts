import { createHash } from 'node:crypto';
import type { SimApp } from '../../kit/simApps.ts';
import {
  basicOf,
  bearerOf,
  formOf,
  jsonAnswer,
  type SimAnswer,
  type SimRequest,
  type SimWorld,
} from '../../kit/simulator.ts';
import type { GoogleApps } from './apps.ts';
import type { Flags } from './flags.ts';
import type { Grant, Grants } from './grants.ts';
import type { Keys } from './keys.ts';
import { personBy } from './people.ts';
import { asAnswered, isIdentityScope } from './scopes.ts';
import type { ServiceAccounts } from './serviceAccounts.ts';
import type { PendingCode, SignIn } from './signIn.ts';
import { oauthError } from './tokenErrors.ts';

const DEAD_WORDS = 'Token has been expired or revoked.';

interface Parts {
  readonly world: SimWorld;
  readonly apps: GoogleApps;
  readonly flags: Flags;
  readonly grants: Grants;
  readonly keys: Keys;
  readonly signIn: SignIn;
  readonly serviceAccounts: ServiceAccounts;
}

/** oauth2.googleapis.com: token, tokeninfo, revoke, and what proves an id token. */
export class TokenEndpoint {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  token(request: SimRequest): SimAnswer {
    if (this.#parts.flags.has('outage', 'token'))
      return jsonAnswer(503, { error: 'internal_failure', error_description: 'Backend Error' });
    const form = formOf(request);
    const type = form.get('grant_type');
    if (type === 'urn:ietf:params:oauth:grant-type:jwt-bearer')
      return this.#parts.serviceAccounts.mint(form.get('assertion'));
    const app = this.#client(request, form);
    if ('status' in app) return app;
    if (type === 'authorization_code') return this.#exchange(form, app);
    if (type === 'refresh_token') return this.#renew(form, app);
    return oauthError(400, 'unsupported_grant_type', `Invalid grant_type: ${type ?? ''}`);
  }

  /** Whether a refresh token is taken, were the client in order. */
  renews(refreshToken: string | undefined): boolean {
    const grant = this.#parts.grants.byRefresh(refreshToken);
    return grant !== undefined && !this.#refusesPerson(grant) && this.#parts.grants.renewable(grant);
  }

  #client(request: SimRequest, form: URLSearchParams): SimApp | SimAnswer {
    const basic = basicOf(request);
    const app = this.#parts.apps.get(basic?.user ?? form.get('client_id'));
    if (!app) return oauthError(401, 'invalid_client', 'The OAuth client was not found.');
    if (this.#parts.flags.has('client_deleted', app.clientId))
      return oauthError(401, 'deleted_client', 'The OAuth client was deleted.');
    if (app.disabled) return oauthError(401, 'disabled_client', 'The OAuth client was disabled.');
    const secret = basic?.password ?? form.get('client_secret');
    return app.clientSecret === secret
      ? app
      : oauthError(401, 'invalid_client', 'The provided client secret is invalid.');
  }

  #exchange(form: URLSearchParams, app: SimApp): SimAnswer {
    const pending = this.#parts.signIn.redeem(form.get('code'));
    if (!pending || pending.clientId !== app.clientId)
      return oauthError(400, 'invalid_grant', 'Malformed auth code.');
    if (pending.redirectUri !== form.get('redirect_uri'))
      return oauthError(400, 'redirect_uri_mismatch', 'Bad Request');
    if (!proves(pending, form.get('code_verifier')))
      return oauthError(400, 'invalid_grant', 'Invalid code verifier.');
    const { grants, world } = this.#parts;
    const offline =
      pending.offline &&
      (pending.forcedConsent || grants.ofIdentity(pending.person, app.clientId).length === 0);
    const grant = grants.open({
      identity: pending.person,
      actor: pending.person,
      clientId: app.clientId,
      kind: 'person',
      scopes: asAnswered(pending.scopes),
      refreshToken: offline ? grants.newRefreshToken() : null,
      endsAt: pending.endsAt,
      lastUsedAt: world.now(),
      refreshDead: false,
      revoked: false,
      weakSignIn: false,
    });
    return jsonAnswer(200, {
      ...this.#answer(grant),
      ...this.#onceOnly(grant),
      ...this.#idToken(grant, pending.nonce),
    });
  }

  #renew(form: URLSearchParams, app: SimApp): SimAnswer {
    const { grants } = this.#parts;
    const grant = grants.byRefresh(form.get('refresh_token'));
    if (!grant) return oauthError(400, 'invalid_grant', 'Bad Request');
    if (grant.clientId !== app.clientId) return oauthError(401, 'unauthorized_client', 'Unauthorized');
    const refused = this.#refusesPerson(grant);
    if (refused) return refused;
    if (!grants.renewable(grant)) return oauthError(400, 'invalid_grant', DEAD_WORDS);
    const idToken = this.#parts.world.frugal ? {} : this.#idToken(grant, null);
    return jsonAnswer(200, { ...this.#answer(grant), ...idToken });
  }

  #refusesPerson({ identity }: Grant): SimAnswer | undefined {
    const { flags } = this.#parts;
    if (flags.has('account_deleted', identity))
      return oauthError(400, 'invalid_grant', 'Account has been deleted');
    if (flags.has('admin_policy', identity))
      return oauthError(400, 'admin_policy_enforced', 'Blocked by an administrator.');
    const limited = flags.has('session_length', identity);
    return limited
      ? oauthError(400, 'invalid_grant', 'reauth related error (invalid_rapt)', {
          error_subtype: 'invalid_rapt',
        })
      : undefined;
  }

  #answer(grant: Grant): Record<string, unknown> {
    const token = this.#parts.grants.issueAccess(grant);
    return { access_token: token, expires_in: 3599, scope: grant.scopes.join(' '), token_type: 'Bearer' };
  }

  #onceOnly(grant: Grant): Record<string, unknown> {
    if (grant.refreshToken === null) return {};
    const seconds =
      grant.endsAt === null ? undefined : Math.floor((grant.endsAt - this.#parts.world.now()) / 1000) - 1;
    return {
      refresh_token: grant.refreshToken,
      ...(seconds === undefined ? {} : { refresh_token_expires_in: seconds }),
    };
  }

  #idToken(grant: Grant, nonce: string | null): Record<string, unknown> {
    if (!grant.scopes.includes('openid')) return {};
    const seconds = Math.floor(this.#parts.world.now() / 1000);
    return {
      id_token: this.#parts.keys.signed({
        iss: 'https://accounts.google.com',
        azp: grant.clientId,
        aud: grant.clientId,
        ...this.#claims(grant),
        ...(nonce === null ? {} : { nonce }),
        iat: seconds,
        exp: seconds + 3600,
      }),
    };
  }

  #claims(grant: Grant): Record<string, unknown> {
    const person = personBy(grant.identity);
    const allowed = (name: string) => grant.scopes.some((scope) => scope.endsWith(`userinfo.${name}`));
    return {
      sub: grant.identity,
      ...(allowed('email') ? { email: person?.email, email_verified: true } : {}),
      ...(allowed('profile') ? { name: person?.name } : {}),
    };
  }

  /** Numbers and truth values as text; `sub` and `email` only where identity scopes were granted. */
  tokeninfo(request: SimRequest): SimAnswer {
    const found = this.#parts.grants.access(tokenOf(request, 'access_token'));
    if (found?.state !== 'live') return oauthError(400, 'invalid_token', 'Invalid Value');
    const { grant, expiresAt } = found;
    const isPerson = grant.kind === 'person' && grant.scopes.some(isIdentityScope);
    const email = personBy(grant.identity)?.email;
    return jsonAnswer(200, {
      azp: grant.clientId,
      aud: grant.clientId,
      ...(isPerson ? { sub: grant.identity, email, email_verified: 'true' } : {}),
      scope: grant.scopes.join(' '),
      exp: String(Math.floor(expiresAt / 1000)),
      expires_in: String(Math.floor((expiresAt - this.#parts.world.now()) / 1000)),
      access_type: grant.refreshToken === null ? 'online' : 'offline',
    });
  }

  userinfo(request: SimRequest): SimAnswer {
    const found = this.#parts.grants.access(bearerOf(request));
    if (found?.state !== 'live' || found.grant.kind !== 'person')
      return oauthError(401, 'invalid_request', 'Invalid Credentials');
    return jsonAnswer(200, this.#claims(found.grant));
  }

  /** Ends everything that this person allowed this client, whichever of its tokens is shown. */
  revoke(request: SimRequest): SimAnswer {
    const { grants } = this.#parts;
    const token = tokenOf(request, 'token');
    const byRefresh = grants.byRefresh(token);
    const living = byRefresh && grants.renewable(byRefresh) ? byRefresh : undefined;
    const access = grants.access(token);
    const grant = living ?? (access?.state === 'live' ? access.grant : undefined);
    if (!grant) return oauthError(400, 'invalid_token', 'Token expired or revoked');
    grant.revoked = true;
    for (const other of grants.ofIdentity(grant.identity, grant.clientId)) other.revoked = true;
    return jsonAnswer(200, {});
  }

  jwks = (): SimAnswer => jsonAnswer(200, this.#parts.keys.jwks());

  /** The older form: keys as PEM, by id. */
  pemKeys = (): SimAnswer => jsonAnswer(200, this.#parts.keys.pemById());
}

/** Client libraries send the token in the query, in the form, or as a bearer. */
function tokenOf(request: SimRequest, field: string): string | undefined {
  return request.query.get(field) ?? formOf(request).get(field) ?? bearerOf(request);
}

/** RFC 7636 4.6. */
function proves(pending: PendingCode, verifier: string | null): boolean {
  if (pending.challenge === null) return true;
  if (verifier === null) return false;
  const plain = pending.challengeMethod !== 'S256';
  return pending.challenge === (plain ? verifier : createHash('sha256').update(verifier).digest('base64url'));
}
