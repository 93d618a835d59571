import { SimSwitches } from '../kit/simBreaks.ts';
import { jsonAnswer, type SimAnswer, type SimRequest } from '../kit/simulator.ts';
import {
  DATA_ACCESS_ENDED,
  failure,
  forbidden,
  NO_TOKEN,
  notThere,
  page,
  parametersOf,
  pick,
  SESSION_FAULTS,
  type SimFault,
  TERMS_NOT_ACCEPTED,
} from './simulatorAnswers.ts';
import { BUSINESS, nameOf, type SimAccount, simulatedAccounts, simulatedRoles } from './simulatorData.ts';
import { insightsOf } from './simulatorInsights.ts';
import { granted, isFault, type Login, type Logins, type Token, tokenValue } from './simulatorLogins.ts';

/** Something that can be wrong beside tokens and roles. */
export interface Trouble {
  readonly where: 'everywhere' | 'api';
  readonly fault: SimFault;
}

interface Call {
  readonly request: SimRequest;
  readonly parameters: URLSearchParams;
  readonly token: Token;
  readonly login: Login;
}

/** The parameters that name a token beside the one that a call is made with. */
const NAMING = ['input_token', 'fb_exchange_token'] as const;
const SIXTY_DAYS_MS = 60 * 86_400_000;
const HOUR_MS = 3_600_000;
const USER_TASKS = ['DRAFT', 'ANALYZE', 'ADVERTISE', 'MANAGE'];

/** Nodes and edges of the Graph and Marketing API, as far as a keeper of grants meets them. */
export class SimulatedGraph {
  readonly accounts: readonly SimAccount[] = simulatedAccounts();
  readonly roles = simulatedRoles();
  /** The Custom Audience terms of the ad accounts. */
  termsAccepted = true;
  /** What can be wrong, by the name of its switch. */
  readonly troubles = new Map<string, Trouble>();
  readonly switches = new SimSwitches();
  readonly #logins: Logins;
  #hour = 0;
  #calls = 0;

  constructor(logins: Logins) {
    this.#logins = logins;
  }

  /** `path` without the version. */
  answer(request: SimRequest, path: string): SimAnswer {
    const parameters = parametersOf(request);
    const token = this.#logins.caller(request, parameters);
    if (isFault(token)) return failure(token);
    const call = { request, parameters, token, login: token.login };
    const trouble = this.#trouble(call.login);
    if (trouble) return failure(trouble);
    const found = this.#route(call, path);
    return { ...found, headers: { ...found.headers, ...this.#usage(path) } };
  }

  /** What keeps a call from everything: that of everybody, or of somebody whose token it brings or asks about. */
  outage(request: SimRequest): SimFault | undefined {
    const everywhere = [...this.troubles]
      .filter(([, { where }]) => where === 'everywhere')
      .map(([how]) => how);
    const parameters = parametersOf(request);
    const tokens = [tokenValue(request, parameters), ...NAMING.map((name) => parameters.get(name))];
    const logins = tokens.flatMap((token) => this.#logins.find(token)?.login ?? []);
    const how = this.switches.first(everywhere, (target) => {
      const isForAll = Object.values(target).every((one) => one === undefined);
      return isForAll || this.#logins.matching(target).some((login) => logins.includes(login));
    });
    return how === undefined ? undefined : this.troubles.get(how)?.fault;
  }

  #trouble(login: Login): SimFault | undefined {
    const how = this.switches.first([...this.troubles.keys()], (target) =>
      this.#logins.matching(target).includes(login),
    );
    if (how !== undefined) return this.troubles.get(how)?.fault;
    const ended = login.dataAccessEndsAt !== 0 && login.dataAccessEndsAt <= this.#logins.world.now();
    return ended ? DATA_ACCESS_ENDED : undefined;
  }

  #route(call: Call, path: string): SimAnswer {
    const [node = '', edge, rest] = path.split('/').filter((part) => part !== '');
    if (node === '') return failure(NO_TOKEN);
    if (node === 'me' || node === call.login.person) return this.#person(call, edge, rest);
    if (node.startsWith('act_')) return this.#account(call, node, edge);
    if (node === BUSINESS.id) return this.#business(call, edge);
    return failure(notThere(call.request.method, node));
  }

  #person(call: Call, edge: string | undefined, rest: string | undefined): SimAnswer {
    const { request, parameters, login } = call;
    const { method } = request;
    if (edge === 'access_tokens') return this.#botTokens(call);
    if (edge === 'permissions') return this.#permissions(call, rest);
    if (edge === 'applications' && method === 'POST') return jsonAnswer(200, { success: true });
    if (method !== 'GET') return failure(notThere(method, login.person));
    if (edge === undefined) {
      const whole = { id: login.person, name: nameOf(login.person), client_business_id: BUSINESS.id };
      return jsonAnswer(200, pick(whole, parameters.get('fields'), ['name']));
    }
    if (edge === 'adaccounts' || edge === 'assigned_ad_accounts') return this.#accountList(call);
    if (edge === 'accounts') return page(request, parameters, []);
    if (edge !== 'businesses') return failure(notThere(method, login.person));
    const may = granted(login).includes('business_management');
    return may
      ? page(request, parameters, [BUSINESS])
      : failure(forbidden('Requires business_management permission'));
  }

  #permissions({ request, parameters, token, login }: Call, one: string | undefined): SimAnswer {
    if (request.method === 'GET') {
      const rows = [...login.permissions].map(([permission, status]) => ({ permission, status }));
      return jsonAnswer(200, { data: rows });
    }
    if (request.method !== 'DELETE') return failure(notThere(request.method, login.person));
    const which = one ?? parameters.get('permission');
    if (which) login.permissions.set(which, 'declined');
    else
      for (const other of this.#logins.matching({ identity: login.person, clientId: token.login.clientId }))
        other.fault = SESSION_FAULTS.removed;
    return jsonAnswer(200, { success: true });
  }

  /** An administrator generates a token for the system user, or ends all that it has. */
  #botTokens({ request, parameters, login }: Call): SimAnswer {
    if (login.kind !== 'SYSTEM_USER') return failure(notThere(request.method, login.person));
    if (request.method === 'DELETE') {
      login.fault = SESSION_FAULTS.loggedOut;
      return jsonAnswer(200, { success: true });
    }
    if (!parameters.has('appsecret_proof')) {
      const message = 'API calls from the server require an appsecret_proof argument';
      return failure({ code: 100, type: 'GraphMethodException', message });
    }
    const ends = parameters.get('set_token_expires_in_60_days') === 'true';
    const token = this.#logins.issue(login, ends ? SIXTY_DAYS_MS : null, true);
    return jsonAnswer(200, {
      access_token: token.value,
      ...(ends ? { expires_in: SIXTY_DAYS_MS / 1000 } : {}),
    });
  }

  #reachable(login: Login): readonly SimAccount[] {
    const ticked = (id: string) => login.targets === undefined || login.targets.includes(`act_${id}`);
    const roles = this.roles.get(login.person);
    return this.accounts.filter((account) => roles?.has(account.account_id) && ticked(account.account_id));
  }

  #mayReadAds(login: Login): boolean {
    return granted(login).some((scope) => scope === 'ads_read' || scope === 'ads_management');
  }

  #accountList({ request, parameters, login }: Call): SimAnswer {
    if (!this.#mayReadAds(login))
      return failure(forbidden('Ad account owner has NOT grant ads_management or ads_read permission'));
    const rows = this.#reachable(login).map((account) =>
      pick(this.#whole(account), parameters.get('fields'), ['account_id']),
    );
    return page(request, parameters, rows);
  }

  #account(call: Call, node: string, edge: string | undefined): SimAnswer {
    const { request, parameters, login } = call;
    if (!this.#mayReadAds(login))
      return failure(forbidden('Ad account owner has NOT grant ads_management or ads_read permission'));
    const account = this.#reachable(login).find((one) => `act_${one.account_id}` === node);
    if (!account) return failure(notThere(request.method, node));
    if (edge === undefined)
      return jsonAnswer(200, pick(this.#whole(account), parameters.get('fields'), ['account_id']));
    if (edge === 'insights') return this.#insights(call, account);
    if (edge === 'adspixels') return page(request, parameters, [pixelOf(account)]);
    if (edge === 'customaudiences')
      return this.termsAccepted ? page(request, parameters, []) : failure(TERMS_NOT_ACCEPTED);
    if (edge === 'campaigns' || edge === 'customaudiencestos') return page(request, parameters, []);
    return failure(notThere(request.method, node));
  }

  #insights({ request, parameters }: Call, account: SimAccount): SimAnswer {
    const rows = insightsOf(account, parameters, this.#logins.world.now());
    if (rows) return page(request, parameters, rows);
    return failure({ code: 100, message: '(#100) param time_range or date_preset must be valid.' });
  }

  #business(call: Call, edge: string | undefined): SimAnswer {
    if (!granted(call.login).includes('business_management'))
      return failure(forbidden('Requires business_management permission'));
    if (edge === undefined)
      return jsonAnswer(200, { ...BUSINESS, verification_status: 'verified', two_factor_type: 'none' });
    if (edge === 'owned_ad_accounts' || edge === 'client_ad_accounts') return this.#accountList(call);
    return page(call.request, call.parameters, []);
  }

  #whole(account: SimAccount): Record<string, unknown> {
    const tos_accepted = this.termsAccepted ? { web_custom_audience_tos: 1 } : {};
    return { ...whole(account), tos_accepted };
  }

  /** The usage headers: percentages, each in its own shape. */
  #usage(path: string): Record<string, string> {
    const hour = Math.floor(this.#logins.world.now() / HOUR_MS);
    this.#calls = hour === this.#hour ? this.#calls + 1 : 1;
    this.#hour = hour;
    const call_count = Math.min(99, Math.floor(this.#calls / 40));
    const app = { call_count, total_time: 3, total_cputime: 2 };
    const headers = {
      'x-app-usage': JSON.stringify(app),
      'facebook-api-version': 'v26.0',
      'x-fb-trace-id': 'AsImulated',
    };
    if (!path.includes('act_')) return headers;
    const tier = 'development_access';
    const business = {
      type: 'ads_management',
      ...app,
      estimated_time_to_regain_access: 0,
      ads_api_access_tier: tier,
    };
    return {
      ...headers,
      'x-business-use-case-usage': JSON.stringify({ [BUSINESS.id]: [business] }),
      'x-ad-account-usage': JSON.stringify({
        acc_id_util_pct: 9.67,
        reset_time_duration: 100,
        ads_api_access_tier: tier,
      }),
    };
  }
}

function whole(account: SimAccount): Record<string, unknown> {
  return {
    id: `act_${account.account_id}`,
    ...account,
    balance: '0',
    spend_cap: '0',
    business: BUSINESS,
    user_tasks: USER_TASKS,
    user_access_expire_time: '1970-01-01T00:00:00+0000',
    capabilities: [],
    a_field_from_tomorrow: true,
  };
}

const pixelOf = (account: SimAccount) => ({
  id: `5${account.account_id}`,
  name: `${account.name} pixel`,
  is_unavailable: false,
});
