import { askConsent } from '../../kit/consent.ts';
import { jsonOf, redirectAnswer, type SimAnswer, type SimRequest, textAnswer } from '../../kit/simulator.ts';
import { APP_PERMISSIONS, USERS } from './data.ts';
import { textIn } from './envelope.ts';
import { reportOf } from './report.ts';
import type { AdvertiserGrant, TiktokState } from './state.ts';

const LOOK = { colour: '#111827', ink: '#fff', ground: '#eef2f2', corners: 4, allow: 'Confirm' };

const CODE_LIFETIME_MS = 3_600_000;

/** The second-level permissions that an answer names instead of, or beside, the whole ones. */
const NAMED_AS: Readonly<Record<number, readonly number[]>> = { 1: [10, 15], 8: [8, 80] };

/** Marketing API: consent page, long-term token, the accounts behind it. */
export class AdvertiserApi {
  readonly #state: TiktokState;
  readonly #codes = new Map<string, { readonly grant: AdvertiserGrant; readonly expiresAt: number }>();

  constructor(state: TiktokState) {
    this.#state = state;
  }

  authorize(request: SimRequest): SimAnswer {
    const { apps, world } = this.#state;
    const app = apps.get(request.query.get('app_id'));
    const redirectUri = request.query.get('redirect_uri');
    if (!app || app.disabled || !redirectUri)
      return textAnswer(200, 'The app does not exist or is not available.');
    const decision = askConsent(request, this.#screen(app.clientId));
    if (decision.decision === 'ask') return decision.page;
    const back = new URL(redirectUri);
    const state = request.query.get('state');
    if (decision.decision === 'allow') {
      const code = world.token(40);
      const grant = this.#newGrant(app.clientId, decision);
      this.#codes.set(code, { grant, expiresAt: world.now() + CODE_LIFETIME_MS });
      back.searchParams.set('auth_code', code);
      back.searchParams.set('code', code);
    }
    if (state !== null) back.searchParams.set('state', state);
    return redirectAnswer(back.href);
  }

  #screen(appName: string) {
    const choices = this.#state.advertisers.map((one) => ({
      id: one.advertiser_id,
      name: `${one.name} (${one.currency})`,
    }));
    return {
      platformName: 'TikTok for Business',
      appName,
      people: USERS,
      scopes: APP_PERMISSIONS,
      partial: true,
      accounts: Object.fromEntries(USERS.map((user) => [user.id, choices])),
      look: LOOK,
    };
  }

  #newGrant(
    clientId: string,
    decision: {
      readonly person: string;
      readonly scopes: readonly string[];
      readonly accounts: readonly string[] | undefined;
    },
  ): AdvertiserGrant {
    const all = this.#state.advertisers.map((one) => one.advertiser_id);
    return {
      person: decision.person,
      clientId,
      token: this.#state.world.token(40).toLowerCase(),
      advertiserIds:
        decision.accounts === undefined ? all : all.filter((id) => decision.accounts?.includes(id)),
      permissions: decision.scopes
        .map((scope) => Number.parseInt(scope, 10))
        .filter((id) => !Number.isNaN(id)),
      revoked: false,
    };
  }

  token(request: SimRequest): SimAnswer {
    const { envelope } = this.#state;
    const body = jsonOf(request);
    const clientId = textIn(body, 'app_id') ?? '';
    const refused =
      this.#state.authenticate(clientId, textIn(body, 'secret') ?? '') ?? this.#state.faultFor(clientId);
    if (refused) return refused;
    const code = textIn(body, 'auth_code') ?? '';
    const found = this.#codes.get(code);
    this.#codes.delete(code);
    if (!found || found.expiresAt <= this.#state.world.now() || found.grant.clientId !== clientId) {
      return envelope.error(
        40110,
        'The auth_code is canceled. Please re-authorize and try again with a new auth_code.',
      );
    }
    const { grant } = found;
    this.#state.advertiserGrants.set(grant.token, grant);
    const scope = grant.permissions.flatMap((id) => NAMED_AS[id] ?? [id]);
    const advertiser_ids = body.return_advertiser_ids === false ? [] : grant.advertiserIds;
    return envelope.ok({ access_token: grant.token, advertiser_ids, scope });
  }

  revoke(request: SimRequest): SimAnswer {
    const body = jsonOf(request);
    const app_id = textIn(body, 'app_id') ?? '';
    const refused =
      this.#state.authenticate(app_id, textIn(body, 'secret') ?? '') ?? this.#state.faultFor(app_id);
    if (refused) return refused;
    const grant = this.#state.advertiserGrants.get(textIn(body, 'access_token') ?? '');
    if (!grant || grant.revoked || grant.clientId !== app_id) return this.#refuseToken();
    grant.revoked = true;
    return this.#state.envelope.ok({ app_id, advertiser_ids: grant.advertiserIds });
  }

  /** Whether a token is neither withdrawn nor of a user who is gone. */
  takes(token: string): boolean {
    const grant = this.#state.advertiserGrants.get(token);
    return grant !== undefined && !grant.revoked && !this.#state.goneUsers.has(grant.person);
  }

  /** One call under a token, by path; undefined where there is no such path. */
  call(request: SimRequest, path: string): SimAnswer | undefined {
    const act = this.#acts[path];
    if (!act) return undefined;
    const grant = this.#state.advertiserGrants.get(request.headers['access-token'] ?? '');
    if (!grant || grant.revoked) return this.#refuseToken();
    const fault = this.#state.faultFor(grant.clientId, grant.person);
    if (fault) return fault;
    if (this.#state.goneUsers.has(grant.person))
      return this.#state.envelope.error(40106, 'The core user is invalid.');
    return act(grant, request);
  }

  readonly #acts: Readonly<Record<string, (grant: AdvertiserGrant, request: SimRequest) => SimAnswer>> = {
    'user/info': (grant) => this.#userInfo(grant),
    'oauth2/advertiser/get': (grant, request) => this.#advertiserGet(grant, request),
    'advertiser/info': (grant, request) => this.#advertiserInfo(grant, request),
    'bc/get': () =>
      this.#state.envelope.ok({
        list: [{ bc_info: { bc_id: '7300000000000000701', name: 'Summer Agency' }, user_role: 'STANDARD' }],
      }),
    'pixel/list': (grant, request) =>
      this.#ofAdvertiser(grant, request, 8, { pixels: [], page_info: onePage(0) }),
    'campaign/get': (grant, request) =>
      this.#ofAdvertiser(grant, request, 2, { list: [], page_info: onePage(0) }),
    'report/integrated/get': (grant, request) => this.#report(grant, request),
  };

  #refuseToken(): SimAnswer {
    return this.#state.envelope.error(40105, 'Access token is incorrect or has been revoked.');
  }

  #userInfo(grant: AdvertiserGrant): SimAnswer {
    const user = USERS.find((candidate) => candidate.id === grant.person);
    const email = user?.email.replace(/^(.).*@/, '$1***@');
    return this.#state.envelope.ok({
      core_user_id: grant.person,
      display_name: user?.name,
      email,
      create_time: 1_640_995_200,
    });
  }

  #advertiserGet(grant: AdvertiserGrant, request: SimRequest): SimAnswer {
    const clientId = request.query.get('app_id') ?? '';
    const refused = this.#state.authenticate(clientId, request.query.get('secret') ?? '');
    if (refused) return refused;
    if (clientId !== grant.clientId) {
      return this.#state.envelope.error(
        40113,
        "The app_id is inconsistent with the token's app information.",
      );
    }
    const list = this.#state
      .reach(grant)
      .map(({ advertiser_id, name }) => ({ advertiser_id, advertiser_name: name }));
    return this.#state.envelope.ok({ list });
  }

  #advertiserInfo(grant: AdvertiserGrant, request: SimRequest): SimAnswer {
    const ids = idsIn(request.query.getAll('advertiser_ids').join(','));
    if (ids.length === 0) return this.#state.envelope.error(40002, 'advertiser_ids: Field required');
    const refused = ids
      .map((id) => this.#refusal(grant, id, 1, 'advertiser/info'))
      .find((answer) => answer !== undefined);
    if (refused) return refused;
    const found = this.#state.reach(grant).filter((one) => ids.includes(one.advertiser_id));
    const list = found.map((one) => ({
      ...one,
      role: 'ROLE_ADVERTISER',
      display_timezone: one.timezone,
      company: 'Summer Agency',
    }));
    return this.#state.envelope.ok({ list });
  }

  #ofAdvertiser(grant: AdvertiserGrant, request: SimRequest, permission: number, data: unknown): SimAnswer {
    const path = request.path.replace(/^\/open_api\/v[\d.]+\//, '').replace(/\/$/, '');
    const id = request.query.get('advertiser_id') ?? '';
    return this.#refusal(grant, id, permission, path) ?? this.#state.envelope.ok(data);
  }

  #refusal(grant: AdvertiserGrant, id: string, permission: number, path: string): SimAnswer | undefined {
    const { envelope } = this.#state;
    if (!this.#state.advertisers.some((one) => one.advertiser_id === id)) {
      return envelope.error(40300, 'The advertiser does not exist or has been deleted.');
    }
    if (!this.#state.reach(grant).some((one) => one.advertiser_id === id)) {
      return envelope.error(40001, `No permission to operate advertiser ${id}`);
    }
    if (grant.permissions.includes(permission)) return undefined;
    return envelope.error(40001, `advertiser does not grant you /${path}/:GET permission`);
  }

  #report(grant: AdvertiserGrant, request: SimRequest): SimAnswer {
    const id = request.query.get('advertiser_id') ?? '';
    const refused = this.#refusal(grant, id, 4, 'report/integrated/get');
    return refused ?? reportOf(this.#state.envelope, request, this.#state.world.now());
  }
}

const onePage = (total: number) => ({ page: 1, page_size: 10, total_number: total, total_page: 1 });

/** Ids as JSON text, as documented, or as parameters that repeat, as some clients send them. */
function idsIn(text: string): readonly string[] {
  return text
    .replace(/[[\]"\s]/g, '')
    .split(',')
    .filter((id) => id !== '');
}
