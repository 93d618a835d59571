import { bearerOf, type SimAnswer, type SimRequest } from '../../kit/simulator.ts';
import { analyticsOf } from './analytics.ts';
import { PEOPLE, type SimAdAccount } from './data.ts';
import type { Authorization, PinterestState } from './state.ts';

/** Fewer than a caller asks for: a page may always be short. */
const MOST_PER_PAGE = 2;
const CREATED_SECONDS = 1_640_995_200;

type HeldToken = { readonly authorization: Authorization; readonly expiresAt: number };
type Act = (held: Authorization, request: SimRequest, id: string) => SimAnswer;

/** The read-only calls under a token. */
export class PinterestApi {
  readonly #state: PinterestState;

  constructor(state: PinterestState) {
    this.#state = state;
  }

  call(request: SimRequest, path: string): SimAnswer {
    const { answers } = this.#state;
    const token = this.#state.accessTokens.get(bearerOf(request) ?? '');
    const fault = token && this.#state.faultFor(token.authorization.clientId, token.authorization.person);
    if (fault) return fault;
    if (!token || !this.#stands(token) || !this.#isOpenTo(token.authorization.clientId))
      return answers.error(401, 2, 'Authentication failed.');
    for (const [pattern, scope, act] of this.#routes) {
      const match = pattern.exec(path);
      if (!match) continue;
      return this.#unscoped(token.authorization, scope) ?? act(token.authorization, request, match[1] ?? '');
    }
    return answers.error(404, 1, 'Invalid path');
  }

  /** Whether an access token is neither ended nor withdrawn, and its person is still there. */
  takes(accessToken: string): boolean {
    const token = this.#state.accessTokens.get(accessToken);
    return token !== undefined && this.#stands(token);
  }

  #stands({ expiresAt, authorization }: HeldToken): boolean {
    const { world, deactivated } = this.#state;
    return expiresAt > world.now() && !authorization.revoked && !deactivated.has(authorization.person);
  }

  #isOpenTo(clientId: string): boolean {
    const { apps, deletedApps } = this.#state;
    return !deletedApps.has(clientId) && apps.get(clientId)?.disabled === false;
  }

  #unscoped({ person, clientId }: Authorization, scope: string): SimAnswer | undefined {
    if (this.#state.approved(person, clientId).has(scope)) return undefined;
    const message =
      'Your token does not have sufficient permissions to perform this operation. Please ensure your token is authorized with the correct set of scopes.';
    return this.#state.answers.error(401, 3, message);
  }

  readonly #routes: readonly (readonly [RegExp, string, Act])[] = [
    [/^user_account$/, 'user_accounts:read', (held) => this.#userAccount(held)],
    [
      /^user_account\/businesses$/,
      'user_accounts:read',
      () => this.#state.answers.ok({ items: [], bookmark: null }),
    ],
    [/^ad_accounts$/, 'ads:read', (held, request) => this.#adAccounts(held, request)],
    [
      /^ad_accounts\/(\d+)$/,
      'ads:read',
      (held, _request, id) => this.#inAccount(held, id, (one) => this.#shown(one, held.person)),
    ],
    [
      /^ad_accounts\/(\d+)\/conversion_tags$/,
      'ads:read',
      (held, _request, id) => this.#inAccount(held, id, (one) => ({ items: [tagOf(one)] })),
    ],
    [
      /^ad_accounts\/(\d+)\/campaigns$/,
      'ads:read',
      (held, _request, id) => this.#inAccount(held, id, () => ({ items: [], bookmark: null })),
    ],
    [
      /^ad_accounts\/(\d+)\/analytics$/,
      'ads:read',
      (held, request, id) => this.#analytics(held, request, id),
    ],
    [
      /^businesses\/employers$/,
      'biz_access:read',
      () => this.#state.answers.ok({ items: [], bookmark: null }),
    ],
    [/^catalogs$/, 'catalogs:read', (held) => this.#catalogs(held)],
  ];

  #userAccount({ person }: Authorization): SimAnswer {
    const name = PEOPLE.find((candidate) => candidate.id === person)?.name ?? '';
    const username = name.toLowerCase().replaceAll(' ', '');
    return this.#state.answers.ok({
      id: person,
      username,
      account_type: 'BUSINESS',
      business_name: name,
      board_count: 3,
      about: null,
    });
  }

  #visible(person: string): readonly SimAdAccount[] {
    if (this.#state.withoutRole.has(person)) return [];
    return this.#state.adAccounts.filter((one) => one.roles[person] !== undefined);
  }

  #adAccounts({ person }: Authorization, request: SimRequest): SimAnswer {
    const asked = Number(request.query.get('page_size') ?? 25);
    if (!Number.isInteger(asked) || asked < 1 || asked > 250)
      return this.#state.answers.error(400, 1, 'Invalid page_size');
    const visible = this.#visible(person);
    const from = Number((request.query.get('bookmark') ?? 'b0').slice(1));
    const to = from + Math.min(asked, MOST_PER_PAGE);
    const items = visible.slice(from, to).map((one) => this.#shown(one, person));
    return this.#state.answers.ok({ items, bookmark: to < visible.length ? `b${to}` : null });
  }

  #shown(one: SimAdAccount, person: string) {
    const { id, name, country, currency } = one;
    const owner = PEOPLE.find((candidate) => one.roles[candidate.id]?.includes('OWNER'));
    return {
      id,
      name,
      owner: { id: owner?.id, username: owner?.name },
      country,
      currency,
      permissions: one.roles[person],
      created_time: CREATED_SECONDS,
      updated_time: CREATED_SECONDS,
    };
  }

  #inAccount({ person }: Authorization, id: string, body: (account: SimAdAccount) => unknown): SimAnswer {
    const { adAccounts, answers } = this.#state;
    if (!adAccounts.some((one) => one.id === id)) return answers.error(404, 2, 'AdAccount not found.');
    const found = this.#visible(person).find((one) => one.id === id);
    return found
      ? answers.ok(body(found))
      : answers.error(403, 29, 'You are not permitted to access that resource.');
  }

  #analytics(held: Authorization, request: SimRequest, id: string): SimAnswer {
    const rows = analyticsOf(id, request.query, this.#state.world.now());
    if (typeof rows === 'string') return this.#state.answers.error(400, 1, rows);
    return this.#inAccount(held, id, () => rows);
  }

  #catalogs({ person }: Authorization): SimAnswer {
    const { answers } = this.#state;
    if (this.#visible(person).length > 0)
      return answers.ok({
        items: [{ id: '2680059592101', name: 'Shoes', catalog_type: 'RETAIL' }],
        bookmark: null,
      });
    return answers.error(401, 29, 'You are not permitted to access that resource.');
  }
}

const tagOf = (account: SimAdAccount) => ({
  id: `26${account.id}`,
  name: `${account.name} tag`,
  status: 'ACTIVE',
  version: '3',
});
