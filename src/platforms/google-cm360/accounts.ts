import { type PlatformAnswer, parseJson, readAnswer, textAt } from '../../core/answer.ts';
import { listAt } from '../google/answers.ts';
import { reasonsOf } from '../google/errorBody.ts';
import { callHeaders } from '../google/userLogin.ts';
import type { AdAccount, AppConfig, Held, Io, Listing, RefusedAccount } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { get } from '../kit/request.ts';
import { currencyOf } from './currencies.ts';

const API = 'https://dfareporting.googleapis.com/dfareporting/v5';
/** One call an account, against 60 a minute and user. */
const MAX_DETAILS = 50;

export const baseUrl = (): string => API;

interface Profile {
  readonly profileId: string;
  readonly accountId: string;
  readonly subAccountId: string | undefined;
  readonly name: string;
}

/** The networks in which this identity has a user profile. An empty list is a refusal: there is no profile at all. */
export async function accounts(io: Io, app: AppConfig, held: Held): Promise<Listing> {
  const headers = callHeaders(app, held);
  const listed = await io.send(get('api', `${API}/userprofiles`, {}, headers));
  const profiles = succeeded(listed) ? readProfiles(listed.body) : [];
  if (profiles.length === 0) return { ok: false, answer: listed };
  const found = new Map<string, AdAccount>();
  const refused: RefusedAccount[] = [];
  for (const profile of profiles.slice(0, MAX_DETAILS)) {
    const id =
      profile.subAccountId === undefined ? profile.accountId : `${profile.accountId}-${profile.subAccountId}`;
    const known = found.get(id);
    if (known) {
      found.set(id, { ...known, permissions: [...known.permissions, permission(profile)] });
      continue;
    }
    const answer = await io.send(
      get('api', `${API}/userprofiles/${profile.profileId}/accounts/${profile.accountId}`, {}, headers),
    );
    if (!succeeded(answer) && !concernsOneAccount(answer)) return { ok: false, answer };
    if (!succeeded(answer)) refused.push({ id, answer });
    found.set(id, { id, ...readAccount(profile, succeeded(answer) ? parseJson(answer.body) : undefined) });
  }
  return { ok: true, value: [...found.values()], refused };
}

function readProfiles(body: string): readonly Profile[] {
  return listAt(parseJson(body), 'items').flatMap((item) => {
    const profileId = textAt(item, 'profileId');
    const accountId = textAt(item, 'accountId');
    if (profileId === undefined || accountId === undefined) return [];
    const subAccount = textAt(item, 'subAccountName');
    const name = textAt(item, 'accountName') ?? `Account ${accountId}`;
    const full = subAccount ? `${name} / ${subAccount}` : name;
    return [{ profileId, accountId, subAccountId: textAt(item, 'subAccountId'), name: full }];
  });
}

/** Every later call needs the profile's id, so it stands among the permissions. */
const permission = (profile: Profile): string => `profile ${profile.profileId}`;

function readAccount(profile: Profile, json: unknown): Omit<AdAccount, 'id'> {
  const active = (json as { active?: unknown } | undefined)?.active;
  return {
    name: profile.name,
    status: active === true ? 'active' : active === false ? 'disabled' : 'unknown',
    currency: currencyOf(textAt(json, 'currencyId')),
    timezone: null,
    permissions: [permission(profile)],
  };
}

/** A profile without the right to see its own account still reaches the account. */
function concernsOneAccount(answer: PlatformAnswer): boolean {
  return (
    answer.kind === 'answer' &&
    reasonsOf({ answer: readAnswer(answer) }).some((reason) => /^(forbidden|notFound)$/.test(reason))
  );
}
