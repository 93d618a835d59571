import { DAY_MS } from '../../core/instant.ts';
import type { SimApp } from '../kit/simApps.ts';
import { type Among, breakApp, breakSecret, type SimBreakWords, type SimSwitches } from '../kit/simBreaks.ts';
import type { BreakTarget, SimBreak, SimWorld } from '../kit/simulator.ts';
import type { SimulatedGrants } from './simulatedGrants.ts';

type Described = Omit<SimBreakWords, 'how'>;

/** What shows only in the answers of the API, and can be undone. */
const SWITCHED: Readonly<Record<string, Described>> = {
  member_restricted: {
    title: 'LinkedIn restricts the member’s profile',
    truth: 'security_checkpoint',
    by: 'platform',
    shows: 'api',
  },
  product_removed: {
    title: 'The app loses its Advertising API product',
    truth: 'app_misconfigured',
    shows: 'api',
  },
  account_not_on_list: {
    title: 'The ad account leaves the app’s management list',
    truth: 'not_provisioned',
    by: 'operator',
    shows: 'api',
  },
  account_access_removed: {
    title: 'The member loses the roles on the ad accounts',
    truth: 'account_access_removed',
    shows: 'api',
  },
  account_disabled: { title: 'The ad accounts are cancelled', truth: 'account_disabled', shows: 'api' },
  account_restricted: {
    title: 'LinkedIn holds the ad accounts for a policy',
    truth: 'policy_violation',
    shows: 'api',
  },
  version_sunset: {
    title: 'LinkedIn retires the API version in use',
    truth: 'request_invalid',
    by: 'platform',
    shows: 'api',
  },
  false_revocation: {
    title: 'LinkedIn calls fresh tokens revoked for some seconds',
    truth: 'platform_outage',
    shows: 'api',
  },
  quota_exceeded: { title: 'The daily quota is used up', truth: 'quota_exceeded', shows: 'api' },
  platform_down: { title: 'LinkedIn is under maintenance', truth: 'platform_outage', shows: 'api' },
};

export function simulatedBreaks(
  world: SimWorld,
  grants: SimulatedGrants,
  switches: SimSwitches,
  appsOf: Among<SimApp>,
): readonly SimBreak[] {
  const switched = Object.entries(SWITCHED).map(([how, described]) => switches.switch({ how, ...described }));
  return [...endings(grants), ...agings(world, grants), ...losses(grants), ...appFaults(appsOf), ...switched];
}

/** Nothing brings these authorizations back. */
function endings(grants: SimulatedGrants): readonly SimBreak[] {
  const apply = (target: BreakTarget) => {
    for (const authorization of grants.targeted(target)) authorization.ended = true;
  };
  return [
    {
      how: 'revoked_by_user',
      title: 'The member removes the app',
      truth: 'revoked_by_user',
      shows: 'probe',
      apply,
    },
    {
      how: 'ended_by_linkedin',
      title: 'LinkedIn ends the authorization',
      truth: 'session_invalidated',
      by: 'platform',
      shows: 'probe',
      apply,
    },
  ];
}

function agings(world: SimWorld, grants: SimulatedGrants): readonly SimBreak[] {
  return [
    {
      how: 'access_token_expired',
      title: 'The access token reaches its end',
      truth: 'access_token_expired',
      shows: 'api',
      apply: (target) => {
        for (const token of grants.targetedTokens(target)) token.expiresAt = world.now();
      },
    },
    {
      how: 'refresh_token_expired',
      title: 'A year has passed since the consent',
      truth: 'renewal_credential_expired',
      shows: 'renew',
      methods: ['user_login'],
      apply: (target) => {
        for (const authorization of grants.targeted(target))
          authorization.authorizedAt = world.now() - 365 * DAY_MS;
        for (const token of grants.targetedTokens(target)) token.expiresAt = world.now();
      },
    },
  ];
}

function losses(grants: SimulatedGrants): readonly SimBreak[] {
  return [
    {
      how: 'consented_with_other_scopes',
      title: 'The member consents again, with other scopes',
      truth: 'session_invalidated',
      shows: 'api',
      apply: (target) => {
        for (const token of grants.targetedTokens(target)) token.invalidated = true;
      },
    },
    {
      how: 'permission_missing',
      title: 'The authorization lacks r_ads',
      truth: 'permission_missing',
      shows: 'api',
      apply: (target) => {
        for (const authorization of grants.targeted(target)) {
          authorization.scopes = authorization.scopes.filter((scope) => !/^rw?_ads$/.test(scope));
        }
      },
    },
  ];
}

function appFaults(appsOf: Among<SimApp>): readonly SimBreak[] {
  return [
    breakSecret(
      {
        how: 'secret_rotated',
        title: 'The operator generates a new client secret',
        truth: 'app_misconfigured',
        shows: 'probe',
      },
      appsOf,
    ),
    breakApp(
      { how: 'app_disabled', title: 'The app is deleted at LinkedIn', truth: 'app_disabled', shows: 'probe' },
      appsOf,
    ),
  ];
}
