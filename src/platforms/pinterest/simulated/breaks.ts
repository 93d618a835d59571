import type { Cause } from '../../../core/cause.ts';
import type { SimAnswer, SimBreak } from '../../kit/simulator.ts';
import type { Authorization, PinterestState } from './state.ts';

/** Every way in which a grant, an account or the app breaks here. */
export function breaksOf(state: PinterestState): readonly SimBreak[] {
  return [
    ...grantBreaks(state),
    ...userBreaks(state),
    ...adAccountBreaks(state),
    ...appBreaks(state),
    ...passingFaults(state),
  ];
}

function grantBreaks(state: PinterestState): readonly SimBreak[] {
  const over = (
    how: string,
    title: string,
    truth: Cause,
    act: (authorization: Authorization) => void,
  ): SimBreak => ({
    how,
    title,
    truth,
    shows: 'renew',
    apply: (target) => {
      for (const authorization of state.authorizationsIn(target)) act(authorization);
    },
  });
  const revoke = (authorization: Authorization) => {
    authorization.revoked = true;
  };
  return [
    over('revoked_by_user', 'The person removes the app', 'revoked_by_user', revoke),
    over('password_changed', 'The person changes their password', 'password_changed', revoke),
    over('token_leaked', 'A token is found in public, and Pinterest ends it', 'session_invalidated', revoke),
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
        authorization.refreshToken = `pinr.${state.world.token(80)}`;
      },
    ),
  ];
}

function userBreaks(state: PinterestState): readonly SimBreak[] {
  return [
    {
      how: 'user_deactivated',
      title: 'The person’s Pinterest account is deactivated',
      truth: 'account_disabled',
      shows: 'probe',
      apply: (target) => {
        for (const person of state.peopleIn(target)) state.deactivated.add(person);
      },
      mend: (target) => {
        for (const person of state.peopleIn(target)) state.deactivated.delete(person);
      },
    },
    {
      how: 'permission_missing',
      title: 'The authorization no longer covers reading ads',
      truth: 'permission_missing',
      shows: 'api',
      apply: (target) => {
        for (const { person, clientId } of state.authorizationsIn(target))
          state.approved(person, clientId).delete('ads:read');
      },
    },
  ];
}

function adAccountBreaks(state: PinterestState): readonly SimBreak[] {
  return [
    {
      how: 'account_access_removed',
      title: 'The person loses their roles on the ad accounts',
      truth: 'account_access_removed',
      shows: 'api',
      apply: (target) => {
        for (const person of state.peopleIn(target)) state.withoutRole.add(person);
      },
      mend: (target) => {
        for (const person of state.peopleIn(target)) state.withoutRole.delete(person);
      },
    },
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

function appBreaks(state: PinterestState): readonly SimBreak[] {
  return [
    {
      how: 'secret_rotated',
      title: 'The operator rotates the app’s secret',
      truth: 'app_misconfigured',
      shows: 'renew',
      apply: (target) => {
        for (const app of state.appsIn(target)) app.clientSecret = `rotated-${app.clientSecret}`;
      },
      mend: (target) => {
        for (const app of state.appsIn(target))
          app.clientSecret = app.clientSecret.replace(/^(rotated-)+/, '');
      },
    },
    {
      how: 'app_deactivated',
      title: 'Pinterest deactivates the app',
      truth: 'app_disabled',
      shows: 'probe',
      apply: (target) => {
        for (const app of state.appsIn(target)) app.disabled = true;
      },
      mend: (target) => {
        for (const app of state.appsIn(target)) app.disabled = false;
      },
    },
    {
      how: 'app_deleted',
      title: 'The app is deleted in the portal',
      truth: 'app_misconfigured',
      shows: 'renew',
      apply: (target) => {
        for (const app of state.appsIn(target)) state.deletedApps.add(app.clientId);
      },
      mend: (target) => {
        for (const app of state.appsIn(target)) state.deletedApps.delete(app.clientId);
      },
    },
    fault(state, 'app_without_access', 'The app loses its Trial access', 'app_disabled', () =>
      state.answers.error(401, 3, 'Your application consumer type is not supported, please contact support.'),
    ),
  ];
}

function passingFaults(state: PinterestState): readonly SimBreak[] {
  return [
    fault(state, 'rate_limited', 'Too many calls in a minute', 'rate_limited', () =>
      state.answers.limited(34),
    ),
    fault(state, 'daily_quota', 'The Trial allowance of the day is used up', 'quota_exceeded', () =>
      state.answers.limited(67_150),
    ),
    fault(state, 'endpoint_off', 'Pinterest takes endpoints off', 'platform_outage', () =>
      state.answers.error(
        503,
        4197,
        'The endpoint has been ramped down and is currently not accepting any traffic.',
      ),
    ),
    fault(state, 'outage', 'Pinterest is down', 'platform_outage', () =>
      state.answers.error(500, 5, 'Internal error'),
    ),
  ];
}

function fault(
  state: PinterestState,
  how: string,
  title: string,
  truth: Cause,
  answer: () => SimAnswer,
): SimBreak {
  return {
    how,
    title,
    truth,
    shows: 'probe',
    apply: (target) => state.addFault({ how, target, answer }),
    mend: () => state.endFault(how),
  };
}
