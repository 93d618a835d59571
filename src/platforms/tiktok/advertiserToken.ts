import { at, type PlatformAnswer, textAt } from '../../core/answer.ts';
import type {
  AdAccount,
  AppConfig,
  Held,
  Identity,
  Io,
  Issued,
  Listing,
  MethodAdapter,
  Outcome,
  ProbeResult,
  RefusedAccount,
} from '../kit/adapter.ts';
import { readTokenAnswer } from '../kit/oauth.ts';
import { get, jsonPost, withQuery } from '../kit/request.ts';
import { readCallback } from './callback.ts';
import { API, call, codeOf, dataOf, HOST, list, parseKeepingIds, tokenHeader } from './envelope.ts';

/** Asked for in one call; keeps the address short of what gateways refuse. */
const INFO_BATCH = 50;
/** When the first so many of a refused batch are refused one by one too, the others are not asked for. */
const ASKED_ALONE = 3;
const INFO_FIELDS = ['advertiser_id', 'name', 'status', 'role', 'currency', 'timezone', 'display_timezone'];

/** Codes that say that this token no longer works. 40102 is not expected of a token without expiry, yet final here. */
const DEAD_CODES: readonly (number | undefined)[] = [40102, 40105, 40106];
/** Codes with which the detail call refuses, though the account list was allowed. */
const REFUSED_CODES: readonly (number | undefined)[] = [40001, 40002, 40118, 40125, 40300, 40301];

/** The whole permission to which a listed part belongs: an answer may name the part only. */
const PART_OF: Readonly<Record<string, string>> = { 10: '1', 44: '4', 80: '8' };

const token = (held: Held): string | undefined => held.secrets.access_token;

const codeIn = (answer: PlatformAnswer): number | undefined =>
  answer.kind === 'answer' ? codeOf(parseKeepingIds(answer.body)) : undefined;

async function exchange(io: Io, app: AppConfig, code: string): Promise<Outcome<Issued>> {
  const body = {
    app_id: app.clientId,
    secret: app.clientSecret,
    auth_code: code,
    // The list is asked for afterwards: with thousands of accounts it can time out, and the code works once.
    return_advertiser_ids: false,
  };
  const answer = await io.send(jsonPost('token', `${API}/oauth2/access_token/`, body));
  const data = dataOf(answer);
  if (!data.ok) return data;
  const issued = readTokenAnswer(answer, {
    now: io.now(),
    defaultLifetimeSeconds: null,
    payload: () => data.value,
    refreshLifetimeField: 'refresh_token_expires_in',
  });
  if (!issued.ok) return issued;
  const identity = await whoIs(io, issued.value.secrets.access_token);
  if (!identity.ok) return identity;
  return { ok: true, value: { ...issued.value, ...scopesOf(data.value), identity: identity.value } };
}

/** Permissions come as numbers, in whole or in part. */
function scopesOf(data: unknown): Pick<Issued, 'scopesGranted'> {
  const scope = at(data, 'scope');
  if (!Array.isArray(scope)) return {};
  const told = scope.map(String);
  const whole = told.flatMap((id) => PART_OF[id] ?? []);
  return { scopesGranted: [...new Set([...told, ...whole])] };
}

async function whoIs(io: Io, accessToken: string | undefined): Promise<Outcome<Identity>> {
  const answer = await io.send(get('probe', `${API}/user/info/`, {}, tokenHeader(accessToken)));
  const data = dataOf(answer);
  if (!data.ok) return data;
  const id = textAt(data.value, 'core_user_id');
  if (id === undefined) return { ok: false, answer };
  const email = textAt(data.value, 'email');
  const name = textAt(data.value, 'display_name') ?? null;
  // The address comes masked: good for reading, useless for writing to.
  return {
    ok: true,
    value: { id, kind: 'person', name, email: email?.includes('*') ? null : (email ?? null) },
  };
}

/** Asks for every account that was granted with this token. The platform wants the secret in the address here. */
function askReach(io: Io, app: AppConfig, held: Held, endpoint: 'api' | 'probe'): Promise<PlatformAnswer> {
  const query = { app_id: app.clientId, secret: app.clientSecret };
  return io.send(get(endpoint, `${API}/oauth2/advertiser/get/`, query, tokenHeader(token(held))));
}

function accountsIn(answer: PlatformAnswer): Outcome<readonly unknown[]> {
  const data = dataOf(answer);
  return data.ok ? { ok: true, value: list(at(data.value, 'list')) } : data;
}

/**
 * First whether the token lives, then whether it still reaches an account: the first alone proves too little. A living
 * token that reaches nothing is never called dead; its answer is handed over to be read as what it is: a role taken away, or
 * accounts that were never allowed.
 */
async function probe(io: Io, app: AppConfig, held: Held): Promise<ProbeResult> {
  const person = await whoIs(io, token(held));
  if (!person.ok) return judged(person.answer);
  const answer = await askReach(io, app, held, 'probe');
  const accounts = accountsIn(answer);
  if (!accounts.ok) return judged(accounts.answer);
  if (accounts.value.length === 0) return { verdict: 'unclear', answer };
  return { verdict: 'alive', facts: { extra: { advertisers_reachable: accounts.value.length } } };
}

function judged(answer: PlatformAnswer): ProbeResult {
  return { verdict: DEAD_CODES.includes(codeIn(answer)) ? 'dead' : 'unclear', answer };
}

async function accounts(io: Io, app: AppConfig, held: Held): Promise<Listing> {
  const found = accountsIn(await askReach(io, app, held, 'api'));
  if (!found.ok) return found;
  const result: AdAccount[] = [];
  const refused: RefusedAccount[] = [];
  for (let start = 0; start < found.value.length; start += INFO_BATCH) {
    const batch = found.value.slice(start, start + INFO_BATCH);
    const details = await detailsOf(io, held, batch);
    if (!details.ok) return details;
    result.push(...batch.map((entry) => accountFrom(entry, details.value)));
    refused.push(...details.refused);
  }
  return { ok: true, value: result, refused };
}

type Details =
  | {
      readonly ok: true;
      /** What the platform tells about each account, by id. */
      readonly value: ReadonlyMap<string, unknown>;
      readonly refused: readonly RefusedAccount[];
    }
  | Extract<Outcome<never>, { ok: false }>;

/**
 * Where it refuses details, the list itself still stands. One account can be what it refuses of several, so they are asked
 * for one by one then, until it is plain that it refuses them all.
 */
async function detailsOf(io: Io, held: Held, batch: readonly unknown[]): Promise<Details> {
  const together = await askDetails(io, held, batch);
  if (!together.ok || together.refused.length <= 1) return together;
  const value = new Map<string, unknown>();
  const refused: RefusedAccount[] = [];
  for (const [index, entry] of batch.entries()) {
    if (index === ASKED_ALONE && value.size === 0) return together;
    const alone = await askDetails(io, held, [entry]);
    if (!alone.ok) return alone;
    for (const [id, detail] of alone.value) value.set(id, detail);
    refused.push(...alone.refused);
  }
  return { ok: true, value, refused };
}

async function askDetails(io: Io, held: Held, batch: readonly unknown[]): Promise<Details> {
  const ids = batch.map((entry) => textAt(entry, 'advertiser_id') ?? '');
  const query = { advertiser_ids: JSON.stringify(ids), fields: JSON.stringify(INFO_FIELDS) };
  const data = await call(io, get('api', `${API}/advertiser/info/`, query, tokenHeader(token(held))));
  if (!data.ok && !REFUSED_CODES.includes(codeIn(data.answer))) return data;
  if (!data.ok)
    return { ok: true, value: new Map(), refused: ids.map((id) => ({ id, answer: data.answer })) };
  const details = list(at(data.value, 'list'));
  const value = new Map(details.map((one) => [textAt(one, 'advertiser_id') ?? '', one]));
  return { ok: true, value, refused: [] };
}

function accountFrom(entry: unknown, details: ReadonlyMap<string, unknown>): AdAccount {
  const id = textAt(entry, 'advertiser_id') ?? '';
  const detail = details.get(id);
  const role = textAt(detail, 'role');
  return {
    id,
    name: textAt(detail, 'name') ?? textAt(entry, 'advertiser_name') ?? id,
    status: statusFrom(textAt(detail, 'status')),
    currency: textAt(detail, 'currency') ?? null,
    timezone: textAt(detail, 'display_timezone') ?? textAt(detail, 'timezone') ?? null,
    permissions: role === undefined ? [] : [role],
  };
}

function statusFrom(text: string | undefined): AdAccount['status'] {
  if (text === 'STATUS_ENABLE') return 'active';
  if (text === 'STATUS_DISABLE') return 'closed';
  if (text === 'STATUS_LIMIT' || text?.startsWith('STATUS_CONFIRM_FAIL')) return 'disabled';
  const waiting = /^STATUS_(PENDING|WAIT_FOR|SELF_SERVICE_UNAUDITED|CONTRACT_PENDING)/.test(text ?? '');
  return waiting ? 'limited' : 'unknown';
}

async function revoke(io: Io, app: AppConfig, held: Held): Promise<Outcome<null>> {
  const body = { app_id: app.clientId, secret: app.clientSecret, access_token: token(held) };
  const answer = await io.send(jsonPost('revoke', `${API}/oauth2/revoke_token/`, body));
  const gone = dataOf(answer).ok || codeIn(answer) === 40105;
  return gone ? { ok: true, value: null } : { ok: false, answer };
}

/** Marketing API: a token without expiry, cancelled by the advertiser or by us. Nothing is ever renewed. */
export const advertiserToken: MethodAdapter = {
  authorizeUrl: (app, input) =>
    withQuery(`${HOST}/portal/auth`, {
      app_id: app.clientId,
      state: input.state,
      redirect_uri: input.redirectUri,
    }),
  readCallback,
  exchange: (io, app, input) => exchange(io, app, input.code),
  probe,
  revoke,
  accounts,
  callHeaders: (_app, held) => tokenHeader(token(held)),
  baseUrl: () => API,
};
