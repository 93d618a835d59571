import { type Instant, SECOND_MS, toRfc3339OrNull } from '../core/instant.ts';
import type { Held } from '../platforms/kit/adapter.ts';
import type { AppRecord, GrantRecord } from '../store/records.ts';
import type { House } from './context.ts';
import { notFound } from './errors.ts';
import { type OpenApp, openAppOnce, openGrant } from './openGrant.ts';

/** What a reader of a token gets. */
export interface Token {
  readonly access_token: string;
  /** Null: it does not end by time. */
  readonly expires_at: string | null;
  /** The headers with which to call the platform. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where calls of the platform begin, as in `${base_url}/v2/profiles`: no slash at its end. */
  readonly base_url: string;
}

/** After this long all opened tokens are forgotten, read or not. */
export const OPENED_FOR_MS = 10 * SECOND_MS;

interface Opened {
  /** The access token alone. */
  readonly held: Held;
  /** By whose record the answer was made. */
  readonly app: AppRecord;
  readonly token: Token;
}

/**
 * Access tokens as they were opened, so that a read of one that was just read decrypts nothing. Each belongs to the very
 * record of the grant from which it was opened: whoever is given another record, because something was written, opens
 * anew, and what belonged to the old one goes with it. It decides nothing: whether a token may be handed out is asked at
 * every read. Never refresh tokens or other secrets.
 */
export class OpenedTokens {
  #ofGrant = new WeakMap<GrantRecord, Opened>();
  #since: Instant = 0;

  find(grant: GrantRecord, now: Instant): Opened | undefined {
    this.forgetOld(now);
    return this.#ofGrant.get(grant);
  }

  keep(grant: GrantRecord, opened: Opened): void {
    this.#ofGrant.set(grant, opened);
  }

  /** Called by reads, and by the keeper where nobody reads. */
  forgetOld(now: Instant): void {
    if (now >= this.#since && now - this.#since < OPENED_FOR_MS) return;
    this.#ofGrant = new WeakMap();
    this.#since = now;
  }
}

/** The token of a grant, as a reader gets it. */
export async function openToken(house: House, grant: GrantRecord): Promise<Token> {
  const app = await house.apps(grant.workspaceId, grant.appId);
  if (!app) throw notFound('app', grant.appId);
  const known = house.openedTokens.find(grant, house.now());
  if (known?.app === app) return known.token;
  const open = await openAppOnce(house, app, grant.method);
  const held = known?.held ?? (await openAccess(house, open, grant));
  const token = {
    access_token: held.secrets.access_token ?? '',
    expires_at: toRfc3339OrNull(grant.facts.accessExpiresAt),
    headers: open.adapter.callHeaders(open.config, held),
    base_url: baseUrlOf(house.wire, open, held),
  };
  house.openedTokens.keep(grant, { held, app, token });
  return token;
}

/** Where calls begin, at the platform or at its simulation. An address without a path comes back from the wire with a slash. */
export function baseUrlOf(
  wire: Pick<House['wire'], 'browserUrl'>,
  { adapter, config }: Pick<OpenApp, 'adapter' | 'config'>,
  held: Held,
): string {
  return wire.browserUrl(config.environment, adapter.baseUrl(config, held)).replace(/\/+$/, '');
}

async function openAccess(house: House, app: OpenApp, grant: GrantRecord): Promise<Held> {
  const { access_token: access } = grant.secrets;
  const secrets: GrantRecord['secrets'] = access === undefined ? {} : { access_token: access };
  return (await openGrant(house, app, { ...grant, secrets })).held;
}
