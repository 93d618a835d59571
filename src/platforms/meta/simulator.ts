import { CallLimits } from '../kit/callLimits.ts';
import { askConsent, type ConsentDecision } from '../kit/consent.ts';
import type { SimDeed } from '../kit/simDeeds.ts';
import {
  redirectAnswer,
  type SimAnswer,
  type SimBreak,
  type SimRequest,
  type Simulator,
  type SimWorld,
  textAnswer,
} from '../kit/simulator.ts';
import { failure } from './simulatorAnswers.ts';
import { APP_LIMIT, Breaks } from './simulatorBreaks.ts';
import {
  APP,
  BOTS,
  CONFIGURATIONS,
  ENDLESS_BOT,
  EXPIRING_BOT,
  HUMANS,
  INTEGRATION_BOT,
  KNOWN_SCOPES,
} from './simulatorData.ts';
import { SimulatedGraph } from './simulatorGraph.ts';
import { callLimits } from './simulatorLimits.ts';
import { type Login, Logins } from './simulatorLogins.ts';
import { SimulatedOAuth } from './simulatorOAuth.ts';
import { simulatedSignals } from './simulatorSignals.ts';

const LOOK = { colour: '#1467d6', ink: '#fff', ground: '#f0f2f5', corners: 6, allow: 'Continue' };

const SIXTY_DAYS_MS = 60 * 86_400_000;
const SYSTEM_USER_SCOPES = ['ads_read', 'business_management', 'pages_show_list', 'pages_read_engagement'];

type Allowed = Extract<ConsentDecision, { decision: 'allow' }>;

/** Simulated Meta: dialog, token endpoint, debug_token and the part of the Graph that a keeper of grants meets. */
export class SimulatedMeta implements Simulator {
  readonly platforms = ['meta'];
  readonly hosts = ['www.facebook.com', 'graph.facebook.com'];
  readonly people = [...HUMANS, ...BOTS];
  readonly #logins: Logins;
  readonly #oauth: SimulatedOAuth;
  readonly #graph: SimulatedGraph;
  readonly #breaks: readonly SimBreak[];
  readonly #limits: CallLimits;

  constructor(world: SimWorld) {
    this.#logins = new Logins(world);
    this.#oauth = new SimulatedOAuth(this.#logins);
    this.#graph = new SimulatedGraph(this.#logins);
    this.#breaks = new Breaks(this.#logins, this.#graph).all();
    this.#limits = new CallLimits(callLimits(this.#logins), world.now);
  }

  app() {
    return { ...APP, settings: {} };
  }

  /** A token as an administrator generates it in Business settings: of 60 days, or without an end. */
  fields(_platform: string, method: string, person?: string): Record<string, string> {
    if (method !== 'system_user') return {};
    const bot = BOTS.find((one) => one.id === person) ?? EXPIRING_BOT;
    const permissions = new Map(SYSTEM_USER_SCOPES.map((scope) => [scope, 'granted'] as const));
    const login = this.#logins.begin({
      person: bot.id,
      clientId: APP.clientId,
      kind: 'SYSTEM_USER',
      permissions,
      targets: undefined,
    });
    const lifetime = bot.id === ENDLESS_BOT.id ? null : SIXTY_DAYS_MS;
    return { access_token: this.#logins.issue(login, lifetime, true).value };
  }

  breaks(): readonly SimBreak[] {
    return this.#breaks;
  }

  /** The token is all there is. At the end of data access it is still valid, and can be exchanged. */
  lives(_platform: string, _method: string, secrets: Readonly<Record<string, string>>): boolean {
    return this.takes(_platform, _method, secrets);
  }

  takes(_platform: string, _method: string, secrets: Readonly<Record<string, string>>): boolean {
    const token = this.#logins.find(secrets.access_token);
    return token !== undefined && this.#logins.sessionFaultOf(token) === undefined;
  }

  clientIds(): readonly string[] {
    return [APP.clientId];
  }

  issued(accessToken: string): boolean {
    return this.#logins.find(accessToken) !== undefined;
  }

  rateLimited(): SimAnswer {
    return failure(APP_LIMIT);
  }

  deeds(): readonly SimDeed[] {
    const setTerms = (accepted: boolean) => () => {
      this.#graph.termsAccepted = accepted;
    };
    return [
      {
        deed: 'leave_terms_unaccepted',
        title: 'The ad accounts’ owner does not accept the Custom Audience terms; undone: accepts them',
        by: 'person',
        apply: setTerms(false),
        undo: setTerms(true),
      },
      {
        deed: 'require_app_secret',
        title: 'The operator demands a proof with every call (App settings, Advanced)',
        by: 'operator',
        apply: () => this.requireAppSecret(true),
        undo: () => this.requireAppSecret(false),
      },
      this.#limits.deed,
    ];
  }

  signals() {
    return simulatedSignals(this.#logins);
  }

  /** App settings, Advanced, “Require app secret”. */
  requireAppSecret(required: boolean): void {
    this.#logins.proofRequired = required;
  }

  handle(request: SimRequest): SimAnswer {
    const path = request.path.replace(/^\/v\d+\.\d+(?=\/|$)/, '').replace(/\/$/, '');
    if (request.host === 'www.facebook.com') {
      return path === '/dialog/oauth' ? this.#dialog(request) : textAnswer(404, 'Page not found');
    }
    return this.#limits.pass(request, () => this.#called(request, path));
  }

  #called(request: SimRequest, path: string): SimAnswer {
    const outage = this.#graph.outage(request);
    if (outage) return failure(outage);
    if (path === '/oauth/access_token') return this.#oauth.token(request);
    if (path === '/oauth/revoke') return this.#oauth.revoke(request);
    if (path === '/debug_token') return this.#oauth.debug(request);
    return this.#graph.answer(request, path);
  }

  #dialog(request: SimRequest): SimAnswer {
    const { query } = request;
    const refusal = this.#dialogFault(query);
    if (refusal) return textAnswer(400, refusal);
    const configuration = CONFIGURATIONS[query.get('config_id') ?? ''];
    const asked = configuration?.scopes ?? scopesOf(query);
    const decision = askConsent(request, {
      platformName: 'Facebook',
      appName: 'Evergrant sandbox',
      people: HUMANS,
      scopes: asked,
      // Login for Business is all or nothing.
      partial: configuration === undefined,
      accounts: this.#accountChoices(),
      look: LOOK,
    });
    if (decision.decision === 'ask') return decision.page;
    return redirectAnswer(
      this.#back(query, decision.decision === 'deny' ? undefined : this.#login(query, asked, decision)),
    );
  }

  /** What the dialog tells the person instead of asking: faults of the app's settings. */
  #dialogFault(query: URLSearchParams): string | undefined {
    const app = this.#logins.apps.get(query.get('client_id'));
    if (!app || app.disabled) return 'App not active: this app is not accessible right now.';
    if (!URL.canParse(query.get('redirect_uri') ?? ''))
      return 'URL blocked: the redirect URI is not among Valid OAuth Redirect URIs.';
    if ((query.get('response_type') ?? 'code') !== 'code')
      return 'This simulation knows response_type=code only.';
    const config = query.get('config_id');
    if (config !== null) return CONFIGURATIONS[config] ? undefined : 'Invalid configuration ID.';
    const unknown = scopesOf(query).filter((scope) => !KNOWN_SCOPES.includes(scope));
    return unknown.length > 0 ? `Invalid Scopes: ${unknown.join(', ')}` : undefined;
  }

  #accountChoices() {
    const name = new Map(this.#graph.accounts.map((account) => [account.account_id, account.name]));
    const choices = HUMANS.map(({ id }) => {
      const accounts = [...(this.#graph.roles.get(id) ?? [])];
      return [
        id,
        accounts.map((account) => ({ id: `act_${account}`, name: name.get(account) ?? account })),
      ] as const;
    });
    return Object.fromEntries(choices);
  }

  #login(query: URLSearchParams, asked: readonly string[], decision: Allowed): Login {
    const clientId = query.get('client_id') ?? '';
    const targets = this.#targets(decision);
    if (CONFIGURATIONS[query.get('config_id') ?? '']?.bot) {
      const permissions = new Map(asked.map((scope) => [scope, 'granted'] as const));
      return this.#logins.begin({
        person: INTEGRATION_BOT.id,
        clientId,
        kind: 'SYSTEM_USER',
        permissions,
        targets,
      });
    }
    const again = (query.get('auth_type') ?? '').includes('rerequest');
    const permissions = this.#logins.decide(decision.person, clientId, asked, decision.scopes, again);
    return this.#logins.begin({ person: decision.person, clientId, kind: 'USER', permissions, targets });
  }

  /** The accounts ticked, of those the person has; undefined where that is all of them. */
  #targets(decision: Allowed): readonly string[] | undefined {
    const own = (this.#accountChoices()[decision.person] ?? []).map((account) => account.id);
    const ticked = own.filter((id) => decision.accounts?.includes(id) ?? true);
    return ticked.length === own.length ? undefined : ticked;
  }

  #back(query: URLSearchParams, login: Login | undefined): string {
    const redirectUri = query.get('redirect_uri') ?? '';
    const back = new URL(redirectUri);
    if (login) back.searchParams.set('code', this.#oauth.code(login, redirectUri));
    else {
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('error_code', '200');
      back.searchParams.set('error_description', 'Permissions error.');
      back.searchParams.set('error_reason', 'user_denied');
    }
    const state = query.get('state');
    if (state !== null) back.searchParams.set('state', state);
    return `${back.href}#_=_`;
  }
}

/** Commas or spaces separate scopes here. */
function scopesOf(query: URLSearchParams): readonly string[] {
  return (query.get('scope') ?? '')
    .split(/[\s,]+/)
    .filter((scope) => scope !== '' && scope !== 'public_profile');
}

export const simulateMeta = (world: SimWorld): Simulator => new SimulatedMeta(world);
