import { at, parseJson } from '../../core/answer.ts';
import type { AdAccount, Held, Io, Outcome } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { bearer, get } from '../kit/request.ts';
import type { Declaration } from './declaration.ts';
import { fieldAt } from './identity.ts';

const MOST_PAGES = 50;

/** The accounts that the declared list names; none where no list is declared. */
export async function listAccounts(
  { accounts: declared }: Declaration,
  io: Io,
  held: Held,
): Promise<Outcome<readonly AdAccount[]>> {
  const found: AdAccount[] = [];
  let next = declared?.url;
  for (let page = 0; declared && next !== undefined && page < MOST_PAGES; page += 1) {
    const answer = await io.send(get('api', next, {}, bearer(held.secrets.access_token ?? '')));
    if (!succeeded(answer)) return { ok: false, answer };
    const json = parseJson(answer.body);
    const list = declared.list_path === undefined ? json : at(json, ...declared.list_path.split('.'));
    for (const entry of Array.isArray(list) ? list : [])
      found.push(...accountIn(entry, declared.id_path, declared.name_path));
    next = nextPage(fieldAt(json, declared.next_path), declared.url);
  }
  return { ok: true, value: found };
}

function accountIn(entry: unknown, idPath: string, namePath: string): readonly AdAccount[] {
  const id = fieldAt(entry, idPath);
  if (id === undefined || id === '') return [];
  const name = fieldAt(entry, namePath) || id;
  return [{ id, name, status: 'unknown', currency: null, timezone: null, permissions: [] }];
}

/** The access token goes along, so a next page elsewhere than at the declared server is not followed. */
function nextPage(told: string | undefined, url: string): string | undefined {
  if (told === undefined || told === '' || !URL.canParse(told, url)) return undefined;
  const next = new URL(told, url);
  return next.origin === new URL(url).origin ? next.href : undefined;
}
