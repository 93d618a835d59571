import type { Cause } from '../../../core/cause.ts';
import { breakApp, breakEach, breakMembers, breakSecret } from '../../kit/simBreaks.ts';
import type { BreakTarget, SimBreak } from '../../kit/simulator.ts';
import { FAULTS } from './faults.ts';
import type { Authorization, PinterestState } from './state.ts';

/** Every way in which a grant, an account or the app breaks here. */
export function breaksOf(state: PinterestState): readonly SimBreak[] {
  return [
    ...grantBreaks(state),
    ...userBreaks(state),
    ...adAccountBreaks(state),
    ...appBreaks(state),
    ...Object.entries(FAULTS).map(([how, { title, truth }]) =>
      state.switches.switch({ how, title, truth, shows: 'probe' }),
    ),
  ];
}

function grantBreaks(state: PinterestState): readonly SimBreak[] {
  const among = (target: BreakTarget) => state.authorizationsIn(target);
  const over = (how: string, title: string, truth: Cause, act: (one: Authorization) => void): SimBreak =>
    breakEach({ how, title, truth, shows: 'renew' }, among, act);
  const revoke = (authorization: Authorization) => {
    authorization.revoked = true;
  };
  return [
    over('revoked_by_user', 'The person removes the app', 'revoked_by_user', revoke),
    over('password_changed', 'The person changes their password', 'password_changed', revoke),
    {
      ...over(
        'token_leaked',
        'A token is found in public, and Pinterest ends it',
        'session_invalidated',
        revoke,
      ),
      by: 'platform',
    },
    over(
      'not_renewed_in_time',
      'Sixty days pass without a renewal',
      'renewal_credential_expired',
      (authorization) => {
        authorization.refreshEndsAt = state.world.now();
      },
    ),
    over(
      'rotation_lost',
      'A renewal happens whose answer never arrives',
      'rotation_lost',
      (authorization) => {
        state.refreshTokens.next(authorization, null, () => `pinr.${state.world.token(80)}`);
      },
    ),
  ];
}

function userBreaks(state: PinterestState): readonly SimBreak[] {
  return [
    breakMembers(
      {
        how: 'user_deactivated',
        title: 'The person’s Pinterest account is deactivated',
        truth: 'account_disabled',
        shows: 'probe',
      },
      (target) => state.peopleIn(target),
      state.deactivated,
    ),
    breakEach(
      {
        how: 'permission_missing',
        title: 'The authorization no longer covers reading ads',
        truth: 'permission_missing',
        shows: 'api',
      },
      (target) => state.authorizationsIn(target),
      ({ person, clientId }) => state.approved(person, clientId).delete('ads:read'),
    ),
  ];
}

function adAccountBreaks(state: PinterestState): readonly SimBreak[] {
  return [
    breakMembers(
      {
        how: 'account_access_removed',
        title: 'The person loses their roles on the ad accounts',
        truth: 'account_access_removed',
        shows: 'api',
      },
      (target) => state.peopleIn(target),
      state.withoutRole,
    ),
    {
      how: 'account_deleted',
      title: 'The first ad account is deleted',
      truth: 'account_disabled',
      shows: 'api',
      apply: () => {
        state.adAccounts.shift();
      },
    },
  ];
}

function appBreaks({ apps, deletedApps }: PinterestState): readonly SimBreak[] {
  return [
    breakSecret(
      {
        how: 'secret_rotated',
        title: 'The operator rotates the app’s secret',
        truth: 'app_misconfigured',
        shows: 'renew',
      },
      apps.in,
    ),
    breakApp(
      {
        how: 'app_deactivated',
        title: 'Pinterest deactivates the app',
        truth: 'app_disabled',
        by: 'platform',
        shows: 'probe',
      },
      apps.in,
    ),
    breakMembers(
      {
        how: 'app_deleted',
        title: 'The app is deleted in the portal',
        truth: 'app_misconfigured',
        shows: 'renew',
      },
      (target) => apps.in(target).map(({ clientId }) => clientId),
      deletedApps,
    ),
  ];
}
