import { type PlatformAnswer, parseJson, textAt } from '../../core/answer.ts';
import type { AppConfig, Identity, Io, Outcome } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { bearer, get } from '../kit/request.ts';
import { profilesEverywhere } from './accounts.ts';
import { refuses, sendGuarded } from './calls.ts';
import { hostsOf } from './regions.ts';

/** Who consented, and the scopes that this proved to be granted where it proved anything. */
export interface Known {
  readonly identity: Identity;
  readonly scopesGranted?: readonly string[];
}

const isProfileScope = (scope: string): boolean => /^profile(:|$)/.test(scope);

/** The person by Login with Amazon, or, without its profile scope, the account that they reach. */
export async function identify(
  io: Io,
  app: AppConfig,
  accessToken: string,
  scopes: readonly string[],
): Promise<Outcome<Known>> {
  if (!scopes.some(isProfileScope)) return byAccounts(io, app, accessToken);
  const request = get('probe', hostsOf(app).profile, {}, bearer(accessToken));
  const answer = await sendGuarded(io, request, accessToken);
  const identity = readPerson(answer);
  if (identity) return { ok: true, value: { identity } };
  // An outage must not turn a person into an account: the next reconnect would be refused as somebody else's.
  if (!succeeded(answer) && !refuses(answer)) return { ok: false, answer };
  const found = await byAccounts(io, app, accessToken);
  if (!found.ok) return found;
  return {
    ok: true,
    value: { ...found.value, scopesGranted: scopes.filter((scope) => !isProfileScope(scope)) },
  };
}

function readPerson(answer: PlatformAnswer): Identity | undefined {
  if (!succeeded(answer)) return undefined;
  const person = parseJson(answer.body);
  const id = textAt(person, 'user_id');
  if (!id) return undefined;
  return { id, kind: 'person', name: textAt(person, 'name') ?? null, email: textAt(person, 'email') ?? null };
}

/**
 * The first by text order of the advertiser ids reached, over all regions. A digest of all of them would change
 * with every account that is added or taken away, and refuse the rightful person; the first one seldom changes.
 * Two people who share it are not told apart: what the second one lacks shows in the account list.
 */
async function byAccounts(io: Io, app: AppConfig, accessToken: string): Promise<Outcome<Known>> {
  const reached = await profilesEverywhere(io, app, accessToken, 'view');
  if (!reached.ok) return reached;
  const advertisers = reached.value.profiles.map(advertiserOf).sort((a, b) => (a.id < b.id ? -1 : 1));
  const first = advertisers[0];
  if (!first) return { ok: false, answer: reached.value.homeAnswer };
  return {
    ok: true,
    value: { identity: { id: `account:${first.id}`, kind: 'account', name: first.name, email: null } },
  };
}

function advertiserOf(profile: unknown): { id: string; name: string | null } {
  const id = textAt(profile, 'accountInfo', 'id') ?? textAt(profile, 'profileId') ?? '';
  return { id, name: textAt(profile, 'accountInfo', 'name') ?? null };
}
