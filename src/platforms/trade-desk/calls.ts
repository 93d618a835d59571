import { at, type PlatformAnswer, parseJson, type ReceivedAnswer, textAt } from '../../core/answer.ts';
import type { AppConfig, Io, Outcome } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { jsonPost, type PlatformRequest } from '../kit/request.ts';

const PRODUCTION = 'https://api.thetradedesk.com/v3';
const SANDBOX = 'https://ext-api.sb.thetradedesk.com/v3';

/** The advice is 100 to 1000; the bound keeps a faulty answer from being followed for ever. */
const PAGE_SIZE = 500;
const MOST_PAGES = 40;

export const baseUrl = (app: AppConfig): string =>
  app.settings.deployment === 'sandbox' ? SANDBOX : PRODUCTION;

/** The one header of every call. `Authorization` is not read here. */
export const authHeader = (accessToken: string): Readonly<Record<string, string>> => ({
  'TTD-Auth': accessToken,
});

export type Asked = Pick<PlatformRequest, 'endpoint'> & { readonly accessToken: string };

/** Queries are POST and only read. */
export function query(
  io: Io,
  app: AppConfig,
  asked: Asked,
  path: string,
  body: object,
): Promise<PlatformAnswer> {
  return io.send(jsonPost(asked.endpoint, `${baseUrl(app)}${path}`, body, authHeader(asked.accessToken)));
}

export interface Listed {
  readonly entries: readonly unknown[];
  /** The last page as received. */
  readonly answer: ReceivedAnswer;
}

/** All pages of a query, each entry once. A short page is not taken for the last one: only the count, or silence, ends it. */
export async function queryAll(
  io: Io,
  app: AppConfig,
  asked: Asked,
  path: string,
  filter: object,
  idField: string,
): Promise<Outcome<Listed>> {
  const found = new Map<string, unknown>();
  let answer: PlatformAnswer;
  for (let page = 0; ; page += 1) {
    answer = await query(io, app, asked, path, {
      ...filter,
      PageStartIndex: found.size,
      PageSize: PAGE_SIZE,
    });
    if (!succeeded(answer)) return { ok: false, answer };
    const json = parseJson(answer.body);
    const before = found.size;
    for (const entry of resultsOf(json)) found.set(textAt(entry, idField) ?? '', entry);
    const total = Number(textAt(json, 'TotalFilteredCount') ?? found.size);
    if (found.size >= total || found.size === before || page + 1 >= MOST_PAGES) break;
  }
  return { ok: true, value: { entries: [...found.values()], answer } };
}

function resultsOf(json: unknown): readonly unknown[] {
  const results = at(json, 'Result');
  return Array.isArray(results) ? results : [];
}

/** The seats (partners) that a token reaches. */
export function partners(io: Io, app: AppConfig, asked: Asked): Promise<Outcome<Listed>> {
  return queryAll(io, app, asked, '/partner/query', { SearchTerms: [] }, 'PartnerId');
}
