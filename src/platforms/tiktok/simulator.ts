import { CallLimits } from '../kit/callLimits.ts';
import { rotationDeeds } from '../kit/rotationDeeds.ts';
import {
  type SimAnswer,
  type SimBreak,
  type SimRequest,
  type Simulator,
  type SimWorld,
  textAnswer,
} from '../kit/simulator.ts';
import { AccountApi } from './simulated/accountApi.ts';
import { AdvertiserApi } from './simulated/advertiserApi.ts';
import { breaksOf } from './simulated/breaks.ts';
import { CREATORS, USERS } from './simulated/data.ts';
import { callLimits } from './simulated/limits.ts';
import { APP, TiktokState } from './simulated/state.ts';

/** Simulated TikTok API for Business: advertiser tokens without expiry, account tokens of a day, errors under HTTP 200. */
class SimulatedTiktok implements Simulator {
  readonly platforms = ['tiktok'];
  readonly hosts = ['business-api.tiktok.com', 'www.tiktok.com'];
  readonly people = [...USERS, ...CREATORS];
  readonly #state: TiktokState;
  readonly #advertiser: AdvertiserApi;
  readonly #account: AccountApi;
  readonly #breaks: readonly SimBreak[];
  readonly #limits: CallLimits;

  constructor(world: SimWorld) {
    this.#state = new TiktokState(world);
    this.#advertiser = new AdvertiserApi(this.#state);
    this.#account = new AccountApi(this.#state);
    this.#breaks = breaksOf(this.#state);
    this.#limits = new CallLimits(
      callLimits(() => this.rateLimited()),
      world.now,
    );
  }

  app() {
    return { ...APP, settings: {} };
  }

  fields() {
    return {};
  }

  breaks(): readonly SimBreak[] {
    return this.#breaks;
  }

  deeds() {
    return [...rotationDeeds(this.#state.refreshTokens), this.#limits.deed];
  }

  lives(_platform: string, method: string, secrets: Readonly<Record<string, string>>): boolean {
    return method === 'account_token'
      ? this.#account.renews(secrets.refresh_token ?? '')
      : this.#advertiser.takes(secrets.access_token ?? '');
  }

  takes(
    _platform: string,
    method: string,
    { access_token: token = '' }: Readonly<Record<string, string>>,
  ): boolean {
    return method === 'account_token' ? this.#account.takes(token) : this.#advertiser.takes(token);
  }

  clientIds(): readonly string[] {
    return [APP.clientId];
  }

  issued(accessToken: string): boolean {
    return this.#state.issued(accessToken);
  }

  rateLimited(): SimAnswer {
    return this.#state.envelope.error(40100, 'Requests made too frequently.');
  }

  handle(request: SimRequest): SimAnswer {
    return this.#limits.pass(request, () => this.#answer(request));
  }

  #answer(request: SimRequest): SimAnswer {
    if (/^\/portal\/auth\/?$/.test(request.path)) return this.#advertiser.authorize(request);
    if (/^\/v2\/auth\/authorize\/?$/.test(request.path)) return this.#account.authorize(request);
    const [, version, path] = /^\/open_api\/(v[\d.]+)\/(.+)\/$/.exec(request.path) ?? [];
    if (version === undefined || path === undefined) return this.#state.envelope.noSuchPath();
    if (version !== 'v1.3') return this.#state.envelope.error(40006, 'The API version is not supported.');
    return this.#api(request, path);
  }

  #api(request: SimRequest, path: string): SimAnswer {
    const posted = this.#posts[path];
    if (posted)
      return request.method === 'POST' ? posted(request) : textAnswer(405, '405 method not allowed');
    if (request.method !== 'GET') return textAnswer(405, '405 method not allowed');
    if (!request.headers['access-token']) {
      const message = 'Access token is null, you should set it in http header with key Access-Token.';
      return this.#state.envelope.error(40104, message);
    }
    if (path === 'business/get') return this.#account.profile(request);
    return this.#advertiser.call(request, path) ?? this.#state.envelope.noSuchPath();
  }

  readonly #posts: Readonly<Record<string, (request: SimRequest) => SimAnswer>> = {
    'oauth2/access_token': (request) => this.#advertiser.token(request),
    'oauth2/revoke_token': (request) => this.#advertiser.revoke(request),
    'tt_user/oauth2/token': (request) => this.#account.token(request),
    'tt_user/oauth2/refresh_token': (request) => this.#account.refresh(request),
    'tt_user/oauth2/revoke': (request) => this.#account.revoke(request),
    'tt_user/token_info/get': (request) => this.#account.tokenInfo(request),
  };
}

export const simulateTiktok = (world: SimWorld): Simulator => new SimulatedTiktok(world);
