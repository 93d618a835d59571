import { breakApp, breakMembers, breakSecret } from '../kit/simBreaks.ts';
import type { BreakTarget, SimAnswer, SimBreak, SimRequest, Simulator, SimWorld } from '../kit/simulator.ts';
import { jsonAnswer } from '../kit/simulator.ts';
import { PEOPLE } from './simulatedAccounts.ts';
import { SimulatedAdsApi } from './simulatedApi.ts';
import { matchesIdentity, SANDBOX_APP, SimulatedLogin } from './simulatedLogin.ts';
import { STORAGE_HOSTS } from './simulatedReportStorage.ts';

const DAY_MS = 86_400_000;

/** Simulated Amazon Ads: Login with Amazon in three regions, and the Ads API behind it. */
class SimulatedAmazonAds implements Simulator {
  readonly platforms = ['amazon-ads'];
  readonly hosts = [
    'www.amazon.com',
    'eu.account.amazon.com',
    'apac.account.amazon.com',
    'api.amazon.com',
    'api.amazon.co.uk',
    'api.amazon.co.jp',
    'advertising-api.amazon.com',
    'advertising-api-eu.amazon.com',
    'advertising-api-fe.amazon.com',
    'advertising-api-test.amazon.com',
    ...STORAGE_HOSTS,
  ];
  readonly people = PEOPLE;
  readonly #login: SimulatedLogin;
  readonly #api: SimulatedAdsApi;
  readonly #breaks: readonly SimBreak[];

  constructor(world: SimWorld) {
    this.#login = new SimulatedLogin(world);
    this.#api = new SimulatedAdsApi(world, this.#login);
    this.#breaks = [
      ...this.#consentBreaks(),
      ...this.#appBreaks(),
      ...this.#accountBreaks(),
      ...this.#passingBreaks(),
    ];
  }

  app() {
    return { ...SANDBOX_APP, settings: { region: 'NA' } };
  }

  fields(): Record<string, string> {
    return {};
  }

  breaks(): readonly SimBreak[] {
    return this.#breaks;
  }

  lives(_platform: string, _method: string, secrets: Readonly<Record<string, string>>): boolean {
    return this.#login.renews(secrets.refresh_token);
  }

  takes(
    _platform: string,
    _method: string,
    { access_token: token = '' }: Readonly<Record<string, string>>,
  ): boolean {
    return this.#login.consentOf(token) !== undefined;
  }

  handle(request: SimRequest): SimAnswer {
    if (STORAGE_HOSTS.includes(request.host)) return this.#api.storage(request);
    return request.host.startsWith('advertising-api')
      ? this.#api.handle(request)
      : this.#login.handle(request);
  }

  clientIds(): readonly string[] {
    return [SANDBOX_APP.clientId];
  }

  issued(accessToken: string): boolean {
    return this.#login.issued(accessToken);
  }

  rateLimited(request: SimRequest): SimAnswer {
    if (request.host.startsWith('advertising-api')) return this.#api.tooMany();
    return jsonAnswer(429, { error: 'too_many_requests', error_description: 'Request rate exceeded' });
  }

  #consentBreaks(): SimBreak[] {
    const login = this.#login;
    const end = (target: BreakTarget) =>
      login.eachConsent(target, (consent) => {
        consent.ended = true;
      });
    return [
      {
        how: 'revoked_by_user',
        title: 'The person removes the app at Amazon',
        truth: 'revoked_by_user',
        shows: 'renew',
        apply: end,
      },
      {
        how: 'suspicious_activity',
        title: 'Amazon ends the sign-in because of suspicious activity',
        truth: 'session_invalidated',
        by: 'platform',
        shows: 'renew',
        apply: (target) => {
          end(target);
          login.dropAccess(target);
        },
      },
      {
        how: 'consent_year_over',
        title: 'The consent is more than 365 days old',
        truth: 'renewal_credential_expired',
        shows: 'renew',
        // Whatever its date was: the state in which a consent of the new kind is after its year.
        apply: (target) => {
          login.eachConsent(target, (consent) => {
            consent.at -= 366 * DAY_MS;
            consent.ended = true;
          });
        },
      },
      {
        how: 'access_token_lost',
        title: 'The access token ends before its hour',
        truth: 'access_token_expired',
        shows: 'probe',
        apply: (target) => login.dropAccess(target),
      },
    ];
  }

  #appBreaks(): SimBreak[] {
    const { apps, unapproved } = this.#login;
    return [
      breakSecret(
        {
          how: 'secret_rotated',
          title: 'The operator rotates the client secret',
          truth: 'app_misconfigured',
          shows: 'renew',
        },
        apps.in,
      ),
      breakApp(
        {
          how: 'app_disabled',
          title: 'The Login with Amazon client is disabled',
          truth: 'app_disabled',
          shows: 'renew',
        },
        apps.in,
      ),
      breakMembers(
        {
          how: 'api_approval_withdrawn',
          title: 'Amazon withdraws the client’s approval for the Ads API',
          truth: 'app_misconfigured',
          by: 'platform',
          shows: 'probe',
        },
        (target) => apps.in(target).map(({ clientId }) => clientId),
        unapproved,
      ),
    ];
  }

  #accountBreaks(): SimBreak[] {
    const api = this.#api;
    return [
      {
        how: 'account_access_removed',
        title: 'The person loses the role on one ad account',
        truth: 'account_access_removed',
        shows: 'api',
        apply: (target) => this.#removeRoles(target, 1),
        mend: (target) => this.#restoreRoles(target),
      },
      {
        how: 'no_account_left',
        title: 'The person loses every ad account',
        truth: 'not_provisioned',
        shows: 'api',
        apply: (target) => this.#removeRoles(target, Number.POSITIVE_INFINITY),
        mend: (target) => this.#restoreRoles(target),
      },
      {
        how: 'account_disabled',
        title: 'Amazon disables the person’s first ad account',
        truth: 'account_disabled',
        shows: 'api',
        apply: (target) =>
          this.#eachPerson(target, (person) => api.disabled.add(this.#firstAdvertiser(person))),
        mend: (target) =>
          this.#eachPerson(target, (person) => api.disabled.delete(this.#firstAdvertiser(person))),
      },
    ];
  }

  #passingBreaks(): SimBreak[] {
    const login = this.#login;
    const api = this.#api;
    const fault = (
      how: string,
      title: string,
      truth: SimBreak['truth'],
      shows: SimBreak['shows'],
      set: (on: boolean) => void,
    ): SimBreak => ({ how, title, truth, shows, apply: () => set(true), mend: () => set(false) });
    return [
      fault('rate_limited', 'The Ads API throttles', 'rate_limited', 'probe', (on) => {
        api.throttles = on;
      }),
      fault('login_rate_limited', 'Login with Amazon throttles', 'rate_limited', 'renew', (on) => {
        login.throttles = on;
      }),
      fault('api_outage', 'The Ads API is down', 'platform_outage', 'probe', (on) => {
        api.down = on;
      }),
      fault(
        'false_invalid_grant',
        'Login with Amazon refuses every good refresh token for a while',
        'platform_outage',
        'renew',
        (on) => {
          login.refusesEverybody = on;
        },
      ),
    ];
  }

  #removeRoles(target: BreakTarget, count: number): void {
    this.#eachPerson(target, (person) => {
      for (const { profile } of this.#api.visible(person).slice(0, count))
        this.#api.rolesRemoved.add(`${person} ${profile.profileId}`);
    });
  }

  #restoreRoles(target: BreakTarget): void {
    this.#eachPerson(target, (person) => {
      for (const role of this.#api.rolesRemoved)
        if (role.startsWith(`${person} `)) this.#api.rolesRemoved.delete(role);
    });
  }

  #firstAdvertiser(person: string): string {
    return this.#api.visible(person)[0]?.profile.accountInfo.id ?? '';
  }

  #eachPerson(target: BreakTarget, act: (person: string) => void): void {
    const { identity } = target;
    for (const { id } of PEOPLE) if (identity === undefined || matchesIdentity(id, identity)) act(id);
  }
}

export const simulateAmazonAds = (world: SimWorld): Simulator => new SimulatedAmazonAds(world);
