import {
  type BreakTarget,
  jsonAnswer,
  jsonOf,
  type SimAnswer,
  type SimBreak,
  type SimRequest,
  type Simulator,
  type SimWorld,
} from '../kit/simulator.ts';
import { invalid, SimulatedSeats } from './simulatedApi.ts';
import { type SimApiUser, USERS } from './simulatedSeats.ts';
import { firstSeatOf, meansUser, SimulatedTokens } from './simulatedTokens.ts';

const DEAD_TOKEN =
  'The supplied auth token is not valid or has expired. Please obtain a new token via the Authentication API.';
const NO_ACCESS = 'Access Denied. You do not have the required permissions to perform the requested action.';

/** Simulated The Trade Desk: tokens made in its pages, tokens by login, REST and GraphQL behind one header. */
class SimulatedTradeDesk implements Simulator {
  readonly platforms = ['trade-desk'];
  readonly hosts = [
    'api.thetradedesk.com',
    'ext-api.sb.thetradedesk.com',
    'desk.thetradedesk.com',
    'apisb.thetradedesk.com',
  ];
  readonly people = USERS.map((user) => ({
    id: user.id,
    name: user.name,
    email: user.email,
    knownAs: [firstSeatOf(user)],
  }));
  readonly #world: SimWorld;
  readonly #tokens: SimulatedTokens;
  readonly #seats: SimulatedSeats;
  readonly #withoutApi = new Set<string>();
  readonly #breaks: readonly SimBreak[];
  #throttles = false;
  #down = false;

  constructor(world: SimWorld) {
    this.#world = world;
    this.#seats = new SimulatedSeats(world);
    this.#tokens = new SimulatedTokens(world);
    this.#breaks = [
      ...this.#tokenBreaks(),
      ...this.#userBreaks(),
      ...this.#seatBreaks(),
      ...this.#passingBreaks(),
    ];
  }

  /** There is no client here; whatever an app holds is never sent. */
  app() {
    return { clientId: '', clientSecret: 'never-sent', settings: {} };
  }

  fields(_platform: string, method: string, person?: string): Record<string, string> {
    const user = USERS.find((candidate) => candidate.id === person) ?? (USERS[0] as SimApiUser);
    if (method === 'api_token') return this.#tokens.makeLong(user);
    return { login: user.id, password: this.#tokens.password(user) };
  }

  breaks(): readonly SimBreak[] {
    return this.#breaks;
  }

  /** A user without Public API access keeps login and token: they are taken, and reach nothing. */
  lives(_platform: string, method: string, secrets: Readonly<Record<string, string>>): boolean {
    const { access_token: token = '', login = '', password = '' } = secrets;
    const user = method === 'api_token' ? this.#tokens.userOf(token) : this.#tokens.userBy(login, password);
    return user !== undefined;
  }

  takes(
    _platform: string,
    _method: string,
    { access_token: token = '' }: Readonly<Record<string, string>>,
  ): boolean {
    return this.#tokens.userOf(token) !== undefined;
  }

  clientIds(): readonly string[] {
    return [];
  }

  issued(accessToken: string): boolean {
    return this.#tokens.issued(accessToken);
  }

  handle(request: SimRequest): SimAnswer {
    if (this.#throttles) return this.rateLimited();
    if (this.#down) return jsonAnswer(503, { Message: 'Service Unavailable' }, { 'retry-after': '30' });
    if (request.path === '/v3/authentication' && request.method === 'POST')
      return this.#authenticate(request);
    if (request.path === '/graphql' && request.method === 'POST') return this.#graphql(request);
    return this.#rest(request);
  }

  /** A bare JSON string, as its errors sometimes are. */
  rateLimited(): SimAnswer {
    return jsonAnswer(429, 'Too Many Requests', { 'retry-after': '13' });
  }

  #authenticate(request: SimRequest): SimAnswer {
    const { Login, Password, TokenExpirationInMinutes } = jsonOf(request);
    if (typeof Login !== 'string' || typeof Password !== 'string')
      return invalid('Login', 'This property is required.');
    const minutes = Number(TokenExpirationInMinutes ?? 1440);
    if (!(minutes >= 1 && minutes <= 1440))
      return invalid('TokenExpirationInMinutes', 'The value must be between 1 and 1440.');
    const token = this.#tokens.logIn(Login, Password, minutes);
    if (!token) return jsonAnswer(401, 'Invalid credentials. Please check them and try again.');
    return jsonAnswer(200, { Token: token });
  }

  #rest(request: SimRequest): SimAnswer {
    const token = request.headers['ttd-auth'] ?? '';
    if (!/^\w+$/.test(token)) return this.#gateway();
    const user = this.#tokens.userOf(token);
    if (!user) return jsonAnswer(403, { Message: DEAD_TOKEN });
    if (this.#withoutApi.has(user.id)) return jsonAnswer(403, { Message: NO_ACCESS });
    return this.#seats.rest(request, user);
  }

  #graphql(request: SimRequest): SimAnswer {
    const token = request.headers['ttd-auth'] ?? '';
    if (!/^\w+$/.test(token)) return this.#gateway();
    const user = this.#tokens.userOf(token);
    if (!user) return graphqlError('UNAUTHENTICATED', 'The current user is not authenticated.');
    if (this.#withoutApi.has(user.id)) return graphqlError('FORBIDDEN', NO_ACCESS);
    return this.#seats.graphql(request, user);
  }

  /** The gateway in front, with its own small letters. */
  #gateway(): SimAnswer {
    const id = this.#world.token(24);
    return jsonAnswer(401, { message: 'Unauthorized', request_id: id }, { 'x-ttd-request-id': id });
  }

  #tokenBreaks(): SimBreak[] {
    const methods = ['api_token'];
    const apply = (target: BreakTarget) => this.#tokens.endLong(target);
    return [
      {
        how: 'token_revoked',
        title: 'Somebody revokes the API token in Access Management',
        truth: 'revoked_by_user',
        shows: 'probe',
        methods,
        apply,
      },
      {
        how: 'token_ended',
        title: 'The API token reaches its end date',
        truth: 'renewal_credential_expired',
        shows: 'probe',
        methods,
        apply,
      },
    ];
  }

  #userBreaks(): SimBreak[] {
    const tokens = this.#tokens;
    const disable = (target: BreakTarget) => eachUser(target, (user) => tokens.disabled.add(user.id));
    const enable = (target: BreakTarget) => eachUser(target, (user) => tokens.disabled.delete(user.id));
    const disabled = {
      title: 'An admin disables the API user',
      truth: 'account_disabled',
      by: 'person',
      apply: disable,
      mend: enable,
    } as const;
    return [
      {
        how: 'password_changed',
        title: 'The API user’s password is changed',
        truth: 'password_changed',
        shows: 'renew',
        methods: ['login_exchange'],
        apply: (target) =>
          eachUser(target, (user) => tokens.changePassword(user, `Changed-${user.firstPassword}`)),
        mend: (target) => eachUser(target, (user) => tokens.changePassword(user, user.firstPassword)),
      },
      { ...disabled, how: 'login_disabled', shows: 'renew', methods: ['login_exchange'] },
      { ...disabled, how: 'user_disabled', shows: 'probe', methods: ['api_token'] },
      {
        how: 'api_access_withdrawn',
        title: 'The Trade Desk withdraws Public API access from the user',
        truth: 'not_provisioned',
        by: 'platform',
        shows: 'probe',
        apply: (target) => eachUser(target, (user) => this.#withoutApi.add(user.id)),
        mend: (target) => eachUser(target, (user) => this.#withoutApi.delete(user.id)),
      },
    ];
  }

  #seatBreaks(): SimBreak[] {
    const seats = this.#seats;
    const pairs = (target: BreakTarget, act: (pair: string) => void, count = Number.POSITIVE_INFINITY) =>
      eachUser(target, (user) => {
        for (const partner of user.partners.slice(0, count)) act(`${user.id} ${partner}`);
      });
    const setFirst = (target: BreakTarget, availability: string) =>
      eachUser(target, (user) => {
        const first = seats.advertisers.find(({ PartnerId }) => PartnerId === user.partners[0]);
        if (first) first.Availability = availability;
      });
    return [
      {
        how: 'seat_removed',
        title: 'The partner’s admin takes one seat from the API user',
        truth: 'account_access_removed',
        shows: 'api',
        apply: (target) => pairs(target, (pair) => seats.removed.add(pair), 1),
        mend: (target) => pairs(target, (pair) => seats.removed.delete(pair)),
      },
      {
        how: 'no_seat_left',
        title: 'The API user reaches no seat any more',
        truth: 'not_provisioned',
        shows: 'api',
        apply: (target) => pairs(target, (pair) => seats.removed.add(pair)),
        mend: (target) => pairs(target, (pair) => seats.removed.delete(pair)),
      },
      {
        how: 'advertiser_archived',
        title: 'The first advertiser is archived',
        truth: 'account_disabled',
        shows: 'api',
        apply: (target) => setFirst(target, 'Archived'),
        mend: (target) => setFirst(target, 'Available'),
      },
    ];
  }

  #passingBreaks(): SimBreak[] {
    return [
      {
        how: 'rate_limited',
        title: 'The user’s calls are limited, also by work in the web pages',
        truth: 'rate_limited',
        shows: 'probe',
        apply: () => {
          this.#throttles = true;
        },
        mend: () => {
          this.#throttles = false;
        },
      },
      {
        how: 'outage',
        title: 'The interface is down',
        truth: 'platform_outage',
        shows: 'probe',
        apply: () => {
          this.#down = true;
        },
        mend: () => {
          this.#down = false;
        },
      },
    ];
  }
}

function eachUser(target: BreakTarget, act: (user: SimApiUser) => void): void {
  for (const user of USERS) if (meansUser(target, user)) act(user);
}

function graphqlError(code: string, message: string): SimAnswer {
  return jsonAnswer(200, { errors: [{ message, extensions: { code } }] });
}

export const simulateTradeDesk = (world: SimWorld): Simulator => new SimulatedTradeDesk(world);
