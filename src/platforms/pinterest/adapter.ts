import { at, type PlatformAnswer, parseJson, textAt } from '../../core/answer.ts';
import type {
  AdAccount,
  Held,
  Identity,
  Io,
  MethodAdapter,
  Outcome,
  PlatformAdapter,
  ProbeResult,
} from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { bearer, get, withQuery } from '../kit/request.ts';
import { checks, codeOf } from './checks.ts';
import { API, exchangeCode, renewTokens, revokeTokens } from './tokens.ts';

const AUTHORIZE = 'https://www.pinterest.com/oauth/';
const PAGE_SIZE = '250';
/** 250 accounts a page: nobody holds more than this, and a bookmark that never ends must not hold us. */
const MOST_PAGES = 40;

const token = (held: Held): string => held.secrets.access_token ?? '';

async function whoIs(io: Io, accessToken: string): Promise<Outcome<Identity>> {
  const answer = await io.send(get('probe', `${API}/user_account`, {}, bearer(accessToken)));
  if (!succeeded(answer)) return { ok: false, answer };
  const account = parseJson(answer.body);
  const id = textAt(account, 'id');
  if (id === undefined) return { ok: false, answer };
  const name = textAt(account, 'business_name') || textAt(account, 'username') || null;
  return { ok: true, value: { id, kind: 'person', name, email: null } };
}

/** The account itself where that scope was granted, else one ad account: both are one cheap call. */
async function probe(io: Io, held: Held): Promise<ProbeResult> {
  const mayAskAccount = held.facts.scopesGranted.includes('user_accounts:read');
  const path = mayAskAccount ? '/user_account' : '/ad_accounts';
  const query = mayAskAccount ? {} : { page_size: '1' };
  const answer = await io.send(get('probe', `${API}${path}`, query, bearer(token(held))));
  if (succeeded(answer)) return { verdict: 'alive' };
  return { verdict: isRefusedToken(answer) ? 'dead' : 'unclear', answer };
}

/** 401 alone is no dead token: scopes and roles are refused with it too. */
function isRefusedToken(answer: PlatformAnswer): boolean {
  return answer.kind === 'answer' && answer.status === 401 && codeOf(parseJson(answer.body)) === 2;
}

async function accounts(io: Io, held: Held): Promise<Outcome<readonly AdAccount[]>> {
  const found: AdAccount[] = [];
  let bookmark: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { include_shared_accounts: 'true', page_size: PAGE_SIZE, bookmark };
    const answer = await io.send(get('api', `${API}/ad_accounts`, query, bearer(token(held))));
    if (!succeeded(answer)) return { ok: false, answer };
    const json = parseJson(answer.body);
    found.push(...list(at(json, 'items')).map(accountFrom));
    const next = textAt(json, 'bookmark');
    if (!next || next === bookmark) break;
    bookmark = next;
  }
  return { ok: true, value: found };
}

/** An ad account has no status field: that it is listed is all the platform says. */
function accountFrom(item: unknown): AdAccount {
  const id = textAt(item, 'id') ?? '';
  return {
    id,
    name: textAt(item, 'name') || id,
    status: 'unknown',
    currency: textAt(item, 'currency') ?? null,
    timezone: null,
    permissions: list(at(item, 'permissions')).map(String),
  };
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const userLogin: MethodAdapter = {
  authorizeUrl: (app, input) =>
    withQuery(AUTHORIZE, {
      client_id: app.clientId,
      redirect_uri: input.redirectUri,
      response_type: 'code',
      scope: input.scopes.join(','),
      state: input.state,
    }),
  exchange: async (io, app, input) => {
    const issued = await exchangeCode(io, app, input);
    if (!issued.ok) return issued;
    const identity = await whoIs(io, issued.value.secrets.access_token ?? '');
    return identity.ok ? { ok: true, value: { ...issued.value, identity: identity.value } } : identity;
  },
  renew: renewTokens,
  probe: (io, _app, held) => probe(io, held),
  revoke: revokeTokens,
  accounts: (io, _app, held) => accounts(io, held),
  callHeaders: (_app, held) => bearer(token(held)),
  baseUrl: () => API,
};

export const adapter: PlatformAdapter = { methods: { user_login: userLogin }, checks };
