import { at, type PlatformAnswer, parseJson, readAnswer, textAt } from '../../core/answer.ts';
import { listAt } from '../google/answers.ts';
import { callHeaders } from '../google/userLogin.ts';
import type { AdAccount, AppConfig, Held, Io, Outcome } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { get } from '../kit/request.ts';
import { refusesRole } from './checks.ts';

const API = 'https://displayvideo.googleapis.com/v4';
const PAGE_SIZE = '200';
/** Over all lists of one inventory; a page holds up to 200. */
const MAX_PAGES = 100;

export const baseUrl = (): string => API;

/** Advertisers, partner by partner. A partner that is refused is left out; if all are, the refusal is the result. */
export async function accounts(io: Io, app: AppConfig, held: Held): Promise<Outcome<readonly AdAccount[]>> {
  const pages = new Pages(io, callHeaders(app, held));
  const partners = await pages.all('partners', {});
  if (!partners.ok) return partners;
  const found: AdAccount[] = [];
  let refused: PlatformAnswer | undefined;
  for (const partner of partners.value) {
    const advertisers = await pages.all('advertisers', { partnerId: textAt(partner, 'partnerId') ?? '' });
    if (advertisers.ok) found.push(...advertisers.value.map(readAdvertiser));
    else if (isNoRole(advertisers.answer)) refused ??= advertisers.answer;
    else return advertisers;
  }
  if (found.length === 0 && refused) return { ok: false, answer: refused };
  // Without a partner there is no role at all; the empty answer says it.
  return partners.value.length === 0 && pages.last
    ? { ok: false, answer: pages.last }
    : { ok: true, value: found };
}

/** Follows `nextPageToken`, within the bound. */
class Pages {
  readonly #io: Io;
  readonly #headers: Readonly<Record<string, string>>;
  #left = MAX_PAGES;
  last: PlatformAnswer | undefined;

  constructor(io: Io, headers: Readonly<Record<string, string>>) {
    this.#io = io;
    this.#headers = headers;
  }

  async all(collection: string, fields: Record<string, string>): Promise<Outcome<readonly unknown[]>> {
    const entries: unknown[] = [];
    let pageToken: string | undefined;
    do {
      const query = { ...fields, pageSize: PAGE_SIZE, pageToken };
      const answer = await this.#io.send(get('api', `${API}/${collection}`, query, this.#headers));
      if (!succeeded(answer)) return { ok: false, answer };
      this.last = answer;
      this.#left -= 1;
      const json = parseJson(answer.body);
      entries.push(...listAt(json, collection));
      pageToken = textAt(json, 'nextPageToken') || undefined;
    } while (pageToken !== undefined && this.#left > 0);
    return { ok: true, value: entries };
  }
}

const STATUSES: Readonly<Record<string, AdAccount['status']>> = {
  ENTITY_STATUS_ACTIVE: 'active',
  ENTITY_STATUS_PAUSED: 'limited',
  ENTITY_STATUS_DRAFT: 'limited',
  ENTITY_STATUS_SCHEDULED_FOR_DELETION: 'closed',
  ENTITY_STATUS_ARCHIVED: 'closed',
};

function readAdvertiser(advertiser: unknown): AdAccount {
  const id = textAt(advertiser, 'advertiserId') ?? '';
  return {
    id,
    name: textAt(advertiser, 'displayName') || `Advertiser ${id}`,
    status: STATUSES[textAt(advertiser, 'entityStatus') ?? ''] ?? 'unknown',
    currency: textAt(at(advertiser, 'generalConfig'), 'currencyCode') ?? null,
    timezone: textAt(at(advertiser, 'generalConfig'), 'timeZone') ?? null,
    permissions: [`partner ${textAt(advertiser, 'partnerId') ?? ''}`],
  };
}

/** Scopes, quotas and the API's own switch fail the whole inventory; a missing role on one partner does not. */
function isNoRole(answer: PlatformAnswer): boolean {
  return answer.kind === 'answer' && refusesRole({ answer: readAnswer(answer) });
}
