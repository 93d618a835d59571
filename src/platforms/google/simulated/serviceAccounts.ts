import { at, parseJson, textAt } from '../../../core/answer.ts';
import { HOUR_MS } from '../../../core/instant.ts';
import { jsonAnswer, type SimAnswer, type SimWorld } from '../../kit/simulator.ts';
import type { Flags } from './flags.ts';
import type { Grant, Grants } from './grants.ts';
import { type Keys, keyIdOf, type ReadJwt } from './keys.ts';
import { personBy, SERVICE_ACCOUNTS, type ServiceAccount } from './people.ts';
import { isKnownScope, scopeList } from './scopes.ts';
import { oauthError } from './tokenErrors.ts';

const SKEW_MS = 2 * HOUR_MS;
const AHEAD_SECONDS = 300;
const LONGEST_SECONDS = 3900;
const AUDIENCE =
  /^https:\/\/(oauth2\.googleapis\.com\/token|www\.googleapis\.com\/oauth2\/v[34]\/token|accounts\.google\.com\/o\/oauth2\/token)$/;
/** Some client libraries use the key file's `token_uri` as the audience; a sandbox rewrites that to its own address. */
const LOCAL_AUDIENCE = /^https?:\/\/(localhost|127\.0\.0\.1)(:\d+)?\/(.*\/)?token$/;
const CLOCK_WORDS =
  'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.';
const DELEGATION_WORDS =
  'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.';

/** What keeps a service account from acting for a user at all. A scope that is not delegated is a missing permission only. */
const DELEGATION = ['subject_gone', 'delegation_missing'] as const;

/** Service accounts: key files, and tokens minted from signed assertions (RFC 7523). */
export class ServiceAccounts {
  readonly #world: SimWorld;
  readonly #flags: Flags;
  readonly #grants: Grants;
  readonly #keys: Keys;
  readonly #generations = new Map<string, number>();
  readonly #minting = new Map<string, Grant>();

  constructor(world: SimWorld, flags: Flags, grants: Grants, keys: Keys) {
    this.#world = world;
    this.#keys = keys;
    this.#flags = flags;
    this.#grants = grants;
  }

  currentKeyId(account: ServiceAccount): string {
    return keyIdOf(account.email, this.#generations.get(account.email) ?? 1);
  }

  /** The key file as the console gives it; a new key where the last one was deleted. */
  keyFile(account: ServiceAccount): string {
    if (this.#flags.has('key_deleted', this.currentKeyId(account))) {
      this.#generations.set(account.email, (this.#generations.get(account.email) ?? 1) + 1);
    }
    return JSON.stringify({
      type: 'service_account',
      project_id: account.projectId,
      private_key_id: this.currentKeyId(account),
      private_key: this.#keys.privatePem(),
      client_email: account.email,
      client_id: account.uniqueId,
      auth_uri: 'https://accounts.google.com/o/oauth2/auth',
      token_uri: 'https://oauth2.googleapis.com/token',
      universe_domain: 'googleapis.com',
    });
  }

  /**
   * Whether tokens can be minted from this key file. A disabled key is none that ended: it answers as a disabled client does,
   * and is enabled again.
   */
  mints(keyFile: string, forUser: boolean): boolean {
    const key = parseJson(keyFile);
    const account = SERVICE_ACCOUNTS.find((candidate) => candidate.email === textAt(key, 'client_email'));
    if (!account || this.#flags.has('service_account_deleted', account.email)) return false;
    const hindered = DELEGATION.some((flag) => this.#flags.has(flag, account.email));
    return this.#isKey(account, textAt(key, 'private_key_id') ?? '') && !(forUser && hindered);
  }

  #isKey(account: ServiceAccount, keyId: string): boolean {
    return keyId === this.currentKeyId(account) && !this.#flags.has('key_deleted', keyId);
  }

  /** The service account that signed this token for this audience, where it may; undefined where it did not. */
  selfSigned(token: string, audience: string): ServiceAccount | undefined {
    const jwt = this.#keys.read(token);
    const account = SERVICE_ACCOUNTS.find((candidate) => candidate.email === at(jwt?.claims, 'iss'));
    if (!jwt || !account || this.#flags.has('service_account_deleted', account.email)) return undefined;
    const isForIt = textAt(jwt.claims, 'aud') === audience && this.#inTime(jwt.claims);
    return isForIt && this.#isSigned(jwt, account) && !this.#flags.has('key_disabled', account.email)
      ? account
      : undefined;
  }

  #isSigned({ header, signatureFits }: ReadJwt, account: ServiceAccount): boolean {
    const known = this.#isKey(account, textAt(header, 'kid') ?? this.currentKeyId(account));
    return header.alg === 'RS256' && signatureFits && known;
  }

  mint(assertion: string | null): SimAnswer {
    const jwt = this.#keys.read(assertion ?? '');
    if (!jwt) return oauthError(400, 'invalid_grant', 'Invalid JWT: not a JSON Web Token.');
    const account = SERVICE_ACCOUNTS.find((candidate) => candidate.email === at(jwt.claims, 'iss'));
    const refused = this.#refusesJwt(jwt, account);
    if (refused || !account)
      return refused ?? oauthError(400, 'invalid_grant', 'Invalid grant: account not found');
    const scopes = scopeList(textAt(jwt.claims, 'scope'));
    const subject = textAt(jwt.claims, 'sub');
    return this.#refusesDelegation(account, subject, scopes) ?? this.#issue(account, subject, scopes);
  }

  #refusesJwt(jwt: ReadJwt, account: ServiceAccount | undefined): SimAnswer | undefined {
    const { claims } = jwt;
    if (!account || this.#flags.has('service_account_deleted', account.email)) {
      return oauthError(400, 'invalid_grant', 'Invalid grant: account not found');
    }
    const audience = textAt(claims, 'aud') ?? '';
    if (!AUDIENCE.test(audience) && !LOCAL_AUDIENCE.test(audience))
      return oauthError(400, 'invalid_grant', 'Invalid JWT: Failed audience check.');
    if (!this.#inTime(claims)) return oauthError(400, 'invalid_grant', CLOCK_WORDS);
    if (!this.#isSigned(jwt, account)) return oauthError(400, 'invalid_grant', 'Invalid JWT Signature.');
    const disabled = this.#flags.has('key_disabled', account.email);
    return disabled ? oauthError(401, 'disabled_client', 'The OAuth client was disabled.') : undefined;
  }

  /** The skew is that of the caller's host: seen from here, its times are off. */
  #inTime(claims: unknown): boolean {
    const skew = this.#flags.has('clock_skew', 'everywhere') ? SKEW_MS : 0;
    const now = Math.floor((this.#world.now() + skew) / 1000);
    const issued = at(claims, 'iat');
    const ends = at(claims, 'exp');
    if (typeof issued !== 'number' || typeof ends !== 'number') return false;
    return issued <= now + AHEAD_SECONDS && ends > now && ends - issued <= LONGEST_SECONDS;
  }

  #refusesDelegation(
    account: ServiceAccount,
    subject: string | undefined,
    scopes: readonly string[],
  ): SimAnswer | undefined {
    if (scopes.length === 0)
      return oauthError(400, 'invalid_scope', 'Invalid OAuth scope or ID token audience provided.');
    if (subject === undefined || subject === account.email) return undefined;
    if (!personBy(subject) || this.#flags.has('subject_gone', account.email))
      return oauthError(400, 'invalid_grant', 'Invalid email or User ID');
    if (this.#flags.has('delegation_missing', account.email))
      return oauthError(401, 'unauthorized_client', DELEGATION_WORDS);
    const missing = this.#flags.has('delegated_scope_missing', account.email);
    return missing ? oauthError(403, 'access_denied', 'Requested client not authorized.') : undefined;
  }

  #issue(account: ServiceAccount, subject: string | undefined, scopes: readonly string[]): SimAnswer {
    const seconds = Math.floor(this.#world.now() / 1000);
    if (!scopes.every(isKnownScope)) {
      const claims = {
        iss: 'https://accounts.google.com',
        aud: scopes.join(' '),
        sub: account.uniqueId,
        iat: seconds,
        exp: seconds + 3600,
      };
      return jsonAnswer(200, { id_token: this.#keys.signed(claims) });
    }
    const accessToken = this.#grants.issueAccess(this.#grantFor(account, subject, scopes));
    return jsonAnswer(200, { access_token: accessToken, expires_in: 3599, token_type: 'Bearer' });
  }

  #grantFor(account: ServiceAccount, subject: string | undefined, scopes: readonly string[]): Grant {
    const key = `${account.email} ${subject ?? ''} ${scopes.join(' ')}`;
    const known = this.#minting.get(key);
    if (known) return known;
    const grant: Grant = {
      identity: account.email,
      actor: personBy(subject)?.id ?? account.email,
      clientId: account.uniqueId,
      kind: 'service',
      scopes,
      refreshToken: null,
      endsAt: null,
      lastUsedAt: this.#world.now(),
      refreshDead: false,
      revoked: false,
      weakSignIn: false,
    };
    this.#minting.set(key, grant);
    return grant;
  }
}
