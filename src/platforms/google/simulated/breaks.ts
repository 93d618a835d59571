import type { Cause } from '../../../core/cause.ts';
import { breakApp, breakSecret } from '../../kit/simBreaks.ts';
import type { BreakTarget, SimBreak } from '../../kit/simulator.ts';
import { FRAGILE_CUSTOMER } from './adsData.ts';
import type { GoogleApps, PlatformId } from './apps.ts';
import { FRAGILE_NETWORK } from './cm360Api.ts';
import { FRAGILE_ADVERTISER } from './dv360Api.ts';
import type { Flag, Flags } from './flags.ts';
import type { Grant, Grants } from './grants.ts';
import { EVERYBODY, SERVICE_ACCOUNTS } from './people.ts';
import { isIdentityScope } from './scopes.ts';
import type { ServiceAccounts } from './serviceAccounts.ts';

interface Parts {
  readonly apps: GoogleApps;
  readonly flags: Flags;
  readonly grants: Grants;
  readonly serviceAccounts: ServiceAccounts;
}

type Keys = (target: BreakTarget) => readonly string[];
type Shows = SimBreak['shows'];
type Act<T> = (to: T) => void;

const FRAGILE: Readonly<Record<PlatformId, string>> = {
  'google-ads': FRAGILE_CUSTOMER,
  'google-cm360': FRAGILE_NETWORK,
  'google-dv360': FRAGILE_ADVERTISER,
};

const EVERYONE = EVERYBODY.map((one) => one.id);
const USER = { methods: ['user_login'] } as const;
const SERVICE = { methods: ['service_account'] } as const;

/** The switches of one platform: every way in which a grant, an app, an account or a permission is known to break. */
export class Breaks {
  readonly #parts: Parts;
  readonly #platform: PlatformId;

  constructor(parts: Parts, platform: PlatformId) {
    this.#parts = parts;
    this.#platform = platform;
  }

  all(): readonly SimBreak[] {
    const common = [
      ...this.#grantBreaks(),
      ...this.#identityBreaks(),
      ...this.#appBreaks(),
      ...this.#apiBreaks(),
      ...this.#keyBreaks(),
    ];
    if (this.#platform === 'google-ads') common.push(...this.#adsBreaks());
    return this.#platform === 'google-dv360' ? common : [...common, ...this.#delegationBreaks()];
  }

  /** Deaths of a refresh token. They read alike, and none can be undone. */
  #grantBreaks(): SimBreak[] {
    const refreshDies = (grant: Grant) => {
      grant.refreshDead = true;
    };
    const revoked = (grant: Grant) => {
      grant.revoked = true;
    };
    return [
      this.#toGrants(
        'revoked_by_user',
        'The person removes the app at myaccount.google.com',
        'revoked_by_user',
        'renew',
        revoked,
      ),
      this.#toGrants(
        'access_revoked',
        'The person removes the app, seen by the probe',
        'revoked_by_user',
        'probe',
        revoked,
      ),
      this.#toGrants(
        'idle_six_months',
        'Six months pass without use',
        'renewal_credential_expired',
        'renew',
        refreshDies,
      ),
      this.#toGrants(
        'token_limit',
        'A hundred newer tokens of the same account',
        'token_limit_exceeded',
        'renew',
        refreshDies,
      ),
      this.#toGrants(
        'testing_mode',
        'Seven days pass while the app is in Testing',
        'testing_mode_expiry',
        'renew',
        refreshDies,
      ),
      this.#toGrants(
        'limited_time_over',
        'The time for which access was allowed is over',
        'renewal_credential_expired',
        'renew',
        refreshDies,
      ),
      this.#toGrants('scope_missing', 'A permission was unticked', 'permission_missing', 'api', (grant) => {
        grant.scopes = grant.scopes.filter(isIdentityScope);
      }),
    ];
  }

  #identityBreaks(): SimBreak[] {
    const who = (target: BreakTarget) => this.#identities(target);
    return [
      this.#flag('account_deleted', 'The Google account is deleted', 'account_disabled', 'renew', who, {
        ...USER,
        by: 'person',
      }),
      this.#flag(
        'admin_policy',
        'The Workspace administrator blocks the app',
        'admin_policy',
        'renew',
        who,
        USER,
      ),
      this.#flag(
        'session_length',
        'The organization limits the length of sign-ins',
        'admin_policy',
        'renew',
        who,
        USER,
      ),
    ];
  }

  #appBreaks(): SimBreak[] {
    const clients = (target: BreakTarget) => this.#clients(target);
    const apps = (target: BreakTarget) =>
      this.#parts.apps.all().filter((app) => clients(target).includes(app.clientId));
    return [
      this.#flag('client_deleted', 'The OAuth client is deleted', 'app_disabled', 'renew', clients, USER),
      breakApp(
        {
          how: 'client_disabled',
          title: 'Google disables the OAuth client',
          truth: 'app_disabled',
          by: 'platform',
          shows: 'renew',
          ...USER,
        },
        apps,
      ),
      breakSecret(
        {
          how: 'secret_rotated',
          title: 'The operator rotates the client secret',
          truth: 'app_misconfigured',
          shows: 'renew',
          ...USER,
        },
        apps,
      ),
      this.#flag('outage', 'The token endpoint is down', 'platform_outage', 'renew', () => ['token']),
    ];
  }

  #apiBreaks(): SimBreak[] {
    const onPlatform = (target: BreakTarget) =>
      this.#identities(target).map((identity) => `${this.#platform} ${identity}`);
    const account = () => [`${this.#platform} ${FRAGILE[this.#platform]}`];
    const clients = (target: BreakTarget) => this.#clients(target);
    return [
      this.#flag(
        'role_removed',
        'A role in the product is taken away',
        'account_access_removed',
        'api',
        onPlatform,
      ),
      this.#flag(
        'no_access_empty',
        'The identity is no user of the product: empty list',
        'not_provisioned',
        'api',
        onPlatform,
      ),
      this.#flag(
        'no_access_refused',
        'The identity is no user of the product: refused',
        'not_provisioned',
        'api',
        onPlatform,
      ),
      this.#flag('account_disabled', 'An ad account is disabled', 'account_disabled', 'api', account),
      this.#flag('api_off', 'The API is switched off in the project', 'app_misconfigured', 'api', clients),
      this.#flag('project_suspended', 'The Cloud project is suspended', 'app_disabled', 'api', clients, {
        by: 'platform',
      }),
      this.#flag('quota', 'The project’s allowance is used up', 'quota_exceeded', 'api', clients),
    ];
  }

  #adsBreaks(): SimBreak[] {
    const clients = (target: BreakTarget) => this.#clients(target);
    return [
      this.#toGrants(
        'two_step_demanded',
        'The ad account demands 2-Step Verification',
        'security_checkpoint',
        'api',
        (grant) => {
          grant.weakSignIn = true;
        },
      ),
      this.#flag(
        'project_not_approved',
        'The project may use test accounts only',
        'app_misconfigured',
        'api',
        clients,
      ),
    ];
  }

  #keyBreaks(): SimBreak[] {
    const who = (target: BreakTarget) => this.#identities(target);
    const keyIds = (target: BreakTarget) => {
      const identities = this.#identities(target);
      return SERVICE_ACCOUNTS.filter(({ email }) => identities.includes(email)).map((account) =>
        this.#parts.serviceAccounts.currentKeyId(account),
      );
    };
    const keyDeleted = this.#flag(
      'key_deleted',
      'The key is deleted',
      'renewal_credential_expired',
      'renew',
      keyIds,
      { ...SERVICE, by: 'operator' },
    );
    return [
      this.#flag('key_disabled', 'The key is disabled', 'app_disabled', 'renew', who, SERVICE),
      // A deleted key never comes back; a new key file takes its place.
      { ...keyDeleted, mend: undefined },
      this.#flag(
        'service_account_deleted',
        'The service account is deleted',
        'account_disabled',
        'renew',
        who,
        { ...SERVICE, by: 'operator' },
      ),
      this.#flag(
        'clock_skew',
        'The clock of Evergrant’s host is two hours off',
        'app_misconfigured',
        'renew',
        () => ['everywhere'],
        SERVICE,
      ),
    ];
  }

  /** Only where a service account acts for a user. */
  #delegationBreaks(): SimBreak[] {
    const who = (target: BreakTarget) => this.#identities(target);
    return [
      this.#flag(
        'delegation_missing',
        'Domain-wide delegation is withdrawn',
        'admin_policy',
        'renew',
        who,
        SERVICE,
      ),
      this.#flag(
        'delegated_scope_missing',
        'A scope is taken out of the delegation',
        'permission_missing',
        'renew',
        who,
        SERVICE,
      ),
      this.#flag(
        'subject_gone',
        'The user whom the service account acts for is gone',
        'account_disabled',
        'renew',
        who,
        { ...SERVICE, by: 'person' },
      ),
    ];
  }

  #toGrants(how: string, title: string, truth: Cause, shows: Shows, act: Act<Grant>): SimBreak {
    return { how, title, truth, shows, ...USER, apply: (target) => each(this.grantsIn(target), act) };
  }

  #flag(
    flag: Flag,
    title: string,
    truth: Cause,
    shows: Shows,
    keys: Keys,
    more: Partial<SimBreak> = {},
  ): SimBreak {
    const { flags } = this.#parts;
    return {
      how: flag,
      title,
      truth,
      shows,
      ...more,
      apply: (target) => each(keys(target), (key) => flags.raise(flag, key)),
      mend: (target) => each(keys(target), (key) => flags.lower(flag, key)),
    };
  }

  grantsIn(target: BreakTarget): readonly Grant[] {
    const byToken =
      target.accessToken === undefined ? undefined : this.#parts.grants.access(target.accessToken)?.grant;
    if (target.accessToken !== undefined) return byToken ? [byToken] : [];
    const identities = this.#identities(target);
    const clients = this.#clients(target);
    return this.#parts.grants
      .all()
      .filter((grant) => identities.includes(grant.identity) && clients.includes(grant.clientId));
  }

  /** As often as the cap allows, each person who is meant, and nobody here gets to see those tokens. */
  authorizeElsewhere(target: BreakTarget): void {
    const latest = new Map(
      this.grantsIn(target).map((grant) => [`${grant.identity} ${grant.clientId}`, grant] as const),
    );
    for (const grant of latest.values()) this.#parts.grants.fillUp(grant);
  }

  #identities(target: BreakTarget): readonly string[] {
    if (target.identity !== undefined) return [target.identity];
    if (target.accessToken === undefined) return EVERYONE;
    const grant = this.#parts.grants.access(target.accessToken)?.grant;
    return grant ? [grant.identity] : [];
  }

  #clients(target: BreakTarget): readonly string[] {
    return [target.clientId ?? this.#parts.apps.of(this.#platform).clientId];
  }
}

function each<T>(all: readonly T[], act: Act<T>): void {
  for (const one of all) act(one);
}
