import { at, numberAt, type PlatformAnswer, parseJson, textAt } from '../../core/answer.ts';
import type { AdAccount, AppConfig, Held, Io, Outcome } from '../kit/adapter.ts';
import { accessToken, graphGet, graphSucceeded } from './graph.ts';

const FIELDS = 'id,account_id,name,account_status,disable_reason,currency,timezone_name,user_tasks';
const PAGE_SIZE = 200;
const SMALLEST_PAGE = 25;
const MAX_PAGES = 100;

/** `account_status` of the ad account: 1 active … 101 closed; 201 and 202 are the "any" values of filters. */
const STATUSES: Readonly<Record<number, AdAccount['status']>> = {
  1: 'active',
  2: 'disabled',
  3: 'limited',
  7: 'limited',
  8: 'limited',
  9: 'limited',
  100: 'limited',
  101: 'closed',
  201: 'active',
  202: 'closed',
};

/** Every ad account of the token's user, page after page by cursor: `paging.next` would carry the token. */
export async function listAccounts(
  io: Io,
  app: AppConfig,
  held: Held,
): Promise<Outcome<readonly AdAccount[]>> {
  const found: AdAccount[] = [];
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await fetchPage(io, app, held, after);
    if (!graphSucceeded(answer)) return { ok: false, answer };
    const json = parseJson(answer.body);
    found.push(...readAccounts(json));
    const next =
      at(json, 'paging', 'next') === undefined ? undefined : textAt(json, 'paging', 'cursors', 'after');
    if (next === undefined || next === after) break;
    after = next;
  }
  return { ok: true, value: found };
}

/** One page; smaller ones where Meta finds the page too much work, which it says with a 500. */
async function fetchPage(
  io: Io,
  app: AppConfig,
  held: Held,
  after: string | undefined,
): Promise<PlatformAnswer> {
  const ask = (limit: number) => {
    const query = { fields: FIELDS, limit: String(limit), after };
    return io.send(graphGet(app, accessToken(held), '/me/adaccounts', query));
  };
  let limit = PAGE_SIZE;
  let answer = await ask(limit);
  while (isTooMuchData(answer) && limit > SMALLEST_PAGE) {
    limit = Math.floor(limit / 2);
    answer = await ask(limit);
  }
  return answer;
}

function isTooMuchData(answer: PlatformAnswer): boolean {
  if (answer.kind !== 'answer') return false;
  return /reduce the amount of data/i.test(textAt(parseJson(answer.body), 'error', 'message') ?? '');
}

function readAccounts(json: unknown): readonly AdAccount[] {
  return list(at(json, 'data')).map((account) => {
    const id = textAt(account, 'id') ?? `act_${textAt(account, 'account_id') ?? ''}`;
    return {
      id,
      name: textAt(account, 'name') || id,
      status: STATUSES[numberAt(account, 'account_status') ?? -1] ?? 'unknown',
      currency: textAt(account, 'currency') ?? null,
      timezone: textAt(account, 'timezone_name') ?? null,
      permissions: list(at(account, 'user_tasks')).map(String),
    };
  });
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
