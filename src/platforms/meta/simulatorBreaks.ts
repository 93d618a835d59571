import { breakApp, breakSecret } from '../kit/simBreaks.ts';
import type { BreakTarget, SimBreak } from '../kit/simulator.ts';
import { SESSION_FAULTS, type SimFault } from './simulatorAnswers.ts';
import type { SimulatedGraph, Trouble } from './simulatorGraph.ts';
import type { Login, Logins, PermissionStatus } from './simulatorLogins.ts';

const ADS = ['ads_read', 'ads_management'];
const person = ['user_login'];

/** An act of Facebook’s, whomever it concerns. */
const byPlatform = (broken: SimBreak): SimBreak => ({ ...broken, by: 'platform' });

/** What can go wrong at the simulated platform, each with its switch. */
export class Breaks {
  readonly #logins: Logins;
  readonly #graph: SimulatedGraph;

  constructor(logins: Logins, graph: SimulatedGraph) {
    this.#logins = logins;
    this.#graph = graph;
  }

  all(): readonly SimBreak[] {
    return [
      ...this.#sessions(),
      ...this.#clocks(),
      ...this.#permissions(),
      ...this.#apps(),
      ...this.#restrictions(),
      ...this.#passing(),
    ];
  }

  #each(target: BreakTarget, act: (login: Login) => void): void {
    for (const login of this.#logins.matching(target)) act(login);
  }

  #session(
    how: string,
    title: string,
    truth: SimBreak['truth'],
    fault: SimFault,
    methods = person,
  ): SimBreak {
    return {
      how,
      title,
      truth,
      shows: 'probe',
      methods,
      apply: (target) =>
        this.#each(target, (login) => {
          login.fault = fault;
        }),
    };
  }

  /** A session that works again, with the same token, once the person has done something at Facebook. */
  #mendable(broken: SimBreak): SimBreak {
    const mend = (target: BreakTarget) =>
      this.#each(target, (login) => {
        login.fault = undefined;
      });
    return { ...broken, mend };
  }

  #sessions(): readonly SimBreak[] {
    const { removed, password, loggedOut, checkpoint, blocking, unconfirmed } = SESSION_FAULTS;
    return [
      this.#session(
        'revoked_by_user',
        'The person removes the app in their Facebook settings',
        'revoked_by_user',
        removed,
      ),
      this.#session(
        'password_changed',
        'The person changes the Facebook password',
        'password_changed',
        password,
      ),
      byPlatform(
        this.#session(
          'logged_out',
          'Facebook logs the person out of the app',
          'session_invalidated',
          loggedOut,
        ),
      ),
      this.#mendable(
        byPlatform(
          this.#session(
            'security_checkpoint',
            'Facebook wants the person to sign in and follow instructions',
            'security_checkpoint',
            checkpoint,
          ),
        ),
      ),
      this.#mendable(
        byPlatform(
          this.#session(
            'blocking_checkpoint',
            'Facebook blocks the person with a security check',
            'security_checkpoint',
            blocking,
          ),
        ),
      ),
      this.#mendable(
        this.#session(
          'user_unconfirmed',
          'The person has not confirmed their Facebook account',
          'security_checkpoint',
          unconfirmed,
        ),
      ),
      this.#session(
        'tokens_revoked',
        'An administrator revokes the system user’s tokens',
        'revoked_by_user',
        loggedOut,
        ['system_user'],
      ),
    ];
  }

  #clocks(): readonly SimBreak[] {
    const { now } = this.#logins.world;
    return [
      {
        how: 'token_expired',
        title: 'The token reaches its end without having been extended',
        truth: 'renewal_credential_expired',
        shows: 'renew',
        apply: (target) =>
          this.#each(target, (login) => {
            for (const token of this.#logins.tokensOf(login)) token.expiresAt = now() - 1;
          }),
      },
      {
        how: 'data_access_ended',
        title: 'The 90 days of data access are over',
        truth: 'renewal_credential_expired',
        shows: 'api',
        methods: person,
        apply: (target) =>
          this.#each(target, (login) => {
            login.dataAccessEndsAt = now() - 1;
          }),
      },
    ];
  }

  #setAds(target: BreakTarget, status: PermissionStatus): void {
    this.#each(target, (login) => {
      for (const scope of ADS) if (login.permissions.has(scope)) login.permissions.set(scope, status);
    });
  }

  #permissions(): readonly SimBreak[] {
    const lost = new Map<string, Set<string>>();
    return [
      {
        how: 'permission_withdrawn',
        title: 'The person takes the ads permissions back',
        truth: 'permission_missing',
        shows: 'api',
        apply: (target) => this.#setAds(target, 'declined'),
        mend: (target) => this.#setAds(target, 'granted'),
      },
      {
        how: 'permission_unused',
        title: 'A permission was not used for 90 days',
        truth: 'permission_missing',
        shows: 'api',
        methods: person,
        apply: (target) => this.#setAds(target, 'expired'),
      },
      {
        how: 'account_access_removed',
        title: 'The identity loses its role on the ad accounts',
        truth: 'account_access_removed',
        shows: 'api',
        apply: (target) =>
          this.#each(target, (login) => {
            if (!lost.has(login.person)) lost.set(login.person, new Set(this.#graph.roles.get(login.person)));
            this.#graph.roles.set(login.person, new Set());
          }),
        mend: (target) =>
          this.#each(target, (login) => {
            const roles = lost.get(login.person);
            if (roles) this.#graph.roles.set(login.person, roles);
            lost.delete(login.person);
          }),
      },
      this.#accountStatus('account_disabled', 'Meta disables the ad accounts', 2, 1),
      this.#accountStatus('account_closed', 'The ad accounts are closed', 101, 7),
    ];
  }

  #accountStatus(how: string, title: string, status: number, reason: number): SimBreak {
    const before = new Map<string, number>();
    return {
      how,
      title,
      truth: 'account_disabled',
      shows: 'api',
      apply: () => {
        for (const account of this.#graph.accounts) {
          if (!before.has(account.account_id)) before.set(account.account_id, account.account_status);
          account.account_status = status;
          account.disable_reason = reason;
        }
      },
      mend: () => {
        for (const account of this.#graph.accounts) {
          account.account_status = before.get(account.account_id) ?? account.account_status;
          account.disable_reason = 0;
        }
        before.clear();
      },
    };
  }

  #apps(): readonly SimBreak[] {
    const { apps } = this.#logins;
    return [
      breakSecret(
        {
          how: 'secret_rotated',
          title: 'The operator resets the app secret',
          truth: 'app_misconfigured',
          shows: 'renew',
        },
        apps.in,
      ),
      breakApp(
        { how: 'app_deleted', title: 'The app is deleted at Meta', truth: 'app_disabled', shows: 'renew' },
        apps.in,
      ),
    ];
  }

  #trouble(
    how: string,
    title: string,
    truth: SimBreak['truth'],
    where: Trouble['where'],
    fault: SimFault,
  ): SimBreak {
    const { troubles, switches } = this.#graph;
    troubles.set(how, { where, fault });
    return switches.switch({ how, title, truth, shows: where === 'api' ? 'api' : 'probe' });
  }

  #restrictions(): readonly SimBreak[] {
    const one = (how: string, title: string, truth: SimBreak['truth'], fault: SimFault) =>
      this.#trouble(how, title, truth, 'api', fault);
    return [
      byPlatform(
        one('app_blocked', 'Meta restricts the app', 'app_disabled', {
          code: 200,
          message: 'API access blocked.',
        }),
      ),
      {
        ...one('access_level_lost', 'The app loses its access level', 'not_provisioned', {
          code: 3,
          message: '(#3) Application does not have the capability to make this API call.',
        }),
        by: 'operator',
      },
      one('policy_block', 'Meta blocks the identity because of its policies', 'policy_violation', {
        code: 368,
        message: 'The action attempted has been deemed abusive or is otherwise disallowed',
        subcode: 1390008,
      }),
      one('two_factor_demanded', 'The business portfolio demands two-factor authentication', 'admin_policy', {
        code: 415,
        message: '(#415) Two-factor authentication is required to access this resource',
      }),
      byPlatform(
        one('version_retired', 'Meta switches the API version off', 'request_invalid', {
          code: 2635,
          message:
            '(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version.',
        }),
      ),
    ];
  }

  #passing(): readonly SimBreak[] {
    const regain = [
      {
        type: 'ads_management',
        call_count: 100,
        total_cputime: 40,
        total_time: 51,
        estimated_time_to_regain_access: 7,
      },
    ];
    const usage = { 'x-business-use-case-usage': JSON.stringify({ '770088009900': regain }) };
    return [
      this.#trouble(
        'app_limit',
        'The app has used up its calls of the hour',
        'rate_limited',
        'everywhere',
        APP_LIMIT,
      ),
      this.#trouble('account_limit', 'The ad account’s calls are used up', 'rate_limited', 'api', {
        code: 80004,
        subcode: 2446079,
        message: 'There have been too many calls to this ad-account. Wait a bit and try again.',
        headers: usage,
      }),
      this.#trouble('user_limit', 'The person’s calls are used up', 'rate_limited', 'api', {
        code: 17,
        subcode: 2446079,
        message: '(#17) User request limit reached',
        transient: true,
      }),
      this.#trouble('outage', 'Meta has an outage', 'platform_outage', 'everywhere', {
        code: 2,
        message: 'An unexpected error has occurred. Please retry your request later.',
        status: 500,
        transient: true,
      }),
    ];
  }
}

/** This platform’s own way to say “too many calls”: a 400 of type OAuthException. */
export const APP_LIMIT: SimFault = {
  code: 4,
  message: '(#4) Application request limit reached',
  transient: true,
  headers: { 'x-app-usage': JSON.stringify({ call_count: 100, total_time: 25, total_cputime: 25 }) },
};
