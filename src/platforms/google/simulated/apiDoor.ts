import { bearerOf, type SimAnswer, type SimRequest, type SimWorld } from '../../kit/simulator.ts';
import type { Refusal } from './apiErrors.ts';
import type { GoogleApps, PlatformId } from './apps.ts';
import type { Flags } from './flags.ts';
import type { Grant, Grants } from './grants.ts';

/** How one API words a refusal. */
export type Words = (refusal: Refusal) => SimAnswer;

/** What every API asks before it looks at the call: token, scope, project, allowance. */
export class ApiDoor {
  readonly now: SimWorld['now'];
  readonly #platform: PlatformId;
  readonly #apps: GoogleApps;
  readonly #flags: Flags;
  readonly #grants: Grants;

  constructor(
    platform: PlatformId,
    parts: {
      readonly world: SimWorld;
      readonly apps: GoogleApps;
      readonly flags: Flags;
      readonly grants: Grants;
    },
  ) {
    this.#platform = platform;
    this.now = parts.world.now;
    this.#apps = parts.apps;
    this.#flags = parts.flags;
    this.#grants = parts.grants;
  }

  /** The grant behind the call, or the refusal. Any one of the scopes is enough. */
  enter(request: SimRequest, scopes: readonly string[], words: Words): Grant | SimAnswer {
    const token = bearerOf(request);
    if (token === undefined) return words('missing');
    const found = this.#grants.access(token);
    if (!found) return words('invalid');
    if (found.state !== 'live') return words(found.state);
    const { grant } = found;
    if (this.#flags.has('account_deleted', grant.identity, grant.actor)) return words('account_gone');
    if (!grant.scopes.some((scope) => scopes.includes(scope))) return words('scope');
    const refusal = this.#projectRefusal(grant);
    return refusal ? words(refusal) : grant;
  }

  #projectRefusal(grant: Grant): Refusal | undefined {
    // Service accounts belong to the project of the platform's own OAuth client.
    const consumer = grant.kind === 'service' ? this.#apps.of(this.#platform).clientId : grant.clientId;
    if (this.#flags.has('project_suspended', consumer)) return 'suspended';
    if (this.#flags.has('api_off', consumer)) return 'api_off';
    return this.#flags.has('quota', consumer) ? 'quota' : undefined;
  }

  /** Whether something is broken on this platform for this identity, or for whom it acts. */
  broken(flag: Parameters<Flags['has']>[0], grant: Grant): boolean {
    return this.#flags.has(flag, `${this.#platform} ${grant.identity}`, `${this.#platform} ${grant.actor}`);
  }

  /** Whether something is broken for one of the platform's own accounts. */
  accountBroken(flag: Parameters<Flags['has']>[0], account: string): boolean {
    return this.#flags.has(flag, `${this.#platform} ${account}`);
  }

  projectBroken(flag: Parameters<Flags['has']>[0]): boolean {
    return this.#flags.has(flag, this.#apps.of(this.#platform).clientId);
  }
}

export const isGrant = (entered: Grant | SimAnswer): entered is Grant => 'identity' in entered;
