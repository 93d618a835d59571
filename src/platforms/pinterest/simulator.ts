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
import { PinterestApi } from './simulated/api.ts';
import { breaksOf } from './simulated/breaks.ts';
import { PEOPLE } from './simulated/data.ts';
import { callLimits } from './simulated/limits.ts';
import { PinterestOAuth } from './simulated/oauth.ts';
import { APP, PinterestState } from './simulated/state.ts';

/** Simulated Pinterest API v5: refresh tokens that are replaced at each renewal and live for 60 days from it. */
class SimulatedPinterest implements Simulator {
  readonly platforms = ['pinterest'];
  readonly hosts = ['www.pinterest.com', 'api.pinterest.com'];
  readonly people = PEOPLE;
  readonly #state: PinterestState;
  readonly #oauth: PinterestOAuth;
  readonly #api: PinterestApi;
  readonly #breaks: readonly SimBreak[];
  readonly #limits: CallLimits;

  constructor(world: SimWorld) {
    this.#state = new PinterestState(world);
    this.#oauth = new PinterestOAuth(this.#state);
    this.#api = new PinterestApi(this.#state);
    this.#breaks = breaksOf(this.#state);
    this.#limits = new CallLimits(callLimits(this.#state), world.now);
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

  lives(_platform: string, _method: string, secrets: Readonly<Record<string, string>>): boolean {
    return this.#oauth.renews(secrets.refresh_token ?? '');
  }

  takes(
    _platform: string,
    _method: string,
    { access_token: token = '' }: Readonly<Record<string, string>>,
  ): boolean {
    return this.#api.takes(token);
  }

  clientIds(): readonly string[] {
    return [APP.clientId];
  }

  issued(accessToken: string): boolean {
    return this.#state.accessTokens.has(accessToken);
  }

  rateLimited(): SimAnswer {
    return this.#state.answers.limited(34);
  }

  handle(request: SimRequest): SimAnswer {
    return this.#limits.pass(request, () => this.#answer(request));
  }

  #answer(request: SimRequest): SimAnswer {
    const path = request.path.replace(/(.)\/$/, '$1');
    if (path === '/oauth') return this.#oauth.authorize(request);
    const [, called] = /^\/v5\/(.+)$/.exec(path) ?? [];
    if (called === undefined) return textAnswer(404, 'Not found');
    if (called.startsWith('oauth/')) return this.#tokens(request, called);
    return request.method === 'GET' ? this.#api.call(request, called) : this.#wrongMethod();
  }

  #tokens(request: SimRequest, called: string): SimAnswer {
    if (request.method !== 'POST') return this.#wrongMethod();
    if (called === 'oauth/token') return this.#oauth.token(request);
    if (called === 'oauth/token/revoke') return this.#oauth.revoke(request);
    return this.#state.answers.error(404, 1, 'Invalid path');
  }

  #wrongMethod(): SimAnswer {
    return this.#state.answers.error(405, 1, 'Invalid method');
  }
}

export const simulatePinterest = (world: SimWorld): Simulator => new SimulatedPinterest(world);
