import type { Cause } from '../../../core/cause.ts';
import type { SimBreak } from '../../kit/simulator.ts';
import type { TiktokState } from './state.ts';

const ADVERTISER = ['advertiser_token'];
const ACCOUNT = ['account_token'];

/** Every way in which a grant, an account or the app breaks here. */
export function breaksOf(state: TiktokState): readonly SimBreak[] {
  return [
    ...advertiserBreaks(state),
    ...adAccountBreaks(state),
    ...accountBreaks(state),
    ...appBreaks(state),
    ...passingFaults(state),
  ];
}

function advertiserBreaks(state: TiktokState): readonly SimBreak[] {
  return [
    {
      how: 'revoked_by_user',
      title: 'The advertiser cancels the app’s authorization',
      truth: 'revoked_by_user',
      shows: 'probe',
      methods: ADVERTISER,
      apply: (target) => {
        for (const grant of state.advertiserGrantsIn(target)) grant.revoked = true;
      },
    },
    {
      how: 'user_gone',
      title: 'The TikTok for Business user no longer exists',
      truth: 'session_invalidated',
      shows: 'probe',
      methods: ADVERTISER,
      apply: (target) => {
        for (const user of state.usersIn(target)) state.goneUsers.add(user);
      },
      mend: (target) => {
        for (const user of state.usersIn(target)) state.goneUsers.delete(user);
      },
    },
    {
      how: 'permission_withdrawn',
      title: 'The advertiser’s grant lacks a permission',
      truth: 'permission_missing',
      shows: 'api',
      methods: ADVERTISER,
      apply: (target) => {
        for (const grant of state.advertiserGrantsIn(target)) grant.permissions = [];
      },
    },
  ];
}

function adAccountBreaks(state: TiktokState): readonly SimBreak[] {
  return [
    {
      how: 'account_access_removed',
      title: 'The user loses the role on the ad accounts; the token lives on',
      truth: 'account_access_removed',
      shows: 'probe',
      methods: ADVERTISER,
      apply: (target) => {
        for (const user of state.usersIn(target)) state.withoutRole.add(user);
      },
      mend: (target) => {
        for (const user of state.usersIn(target)) state.withoutRole.delete(user);
      },
    },
    {
      how: 'account_suspended',
      title: 'TikTok suspends the first ad account',
      truth: 'account_disabled',
      shows: 'api',
      methods: ADVERTISER,
      apply: () => setStatus(state, 'STATUS_LIMIT'),
      mend: () => setStatus(state, 'STATUS_ENABLE'),
    },
    {
      how: 'account_deleted',
      title: 'The last ad account is deleted',
      truth: 'account_disabled',
      shows: 'api',
      methods: ADVERTISER,
      apply: () => {
        state.advertisers.pop();
      },
    },
  ];
}

function setStatus(state: TiktokState, status: string): void {
  const first = state.advertisers[0];
  if (first) first.status = status;
}

function accountBreaks(state: TiktokState): readonly SimBreak[] {
  return [
    {
      how: 'account_holder_revoked',
      title: 'The account holder removes the app',
      truth: 'revoked_by_user',
      shows: 'renew',
      methods: ACCOUNT,
      apply: (target) => {
        for (const grant of state.accountGrantsIn(target)) grant.revoked = true;
      },
    },
    {
      how: 'year_over',
      title: 'A year has passed since the consent',
      truth: 'renewal_credential_expired',
      shows: 'renew',
      methods: ACCOUNT,
      apply: (target) => {
        for (const grant of state.accountGrantsIn(target)) grant.refreshEndsAt = state.world.now();
      },
    },
  ];
}

function appBreaks(state: TiktokState): readonly SimBreak[] {
  return [
    { ...secretRotated(state), how: 'secret_rotated', shows: 'probe', methods: ADVERTISER },
    { ...secretRotated(state), how: 'secret_rotated_at_renewal', shows: 'renew', methods: ACCOUNT },
    {
      how: 'app_blocked',
      title: 'TikTok blocks the app',
      truth: 'app_disabled',
      shows: 'probe',
      apply: (target) => {
        for (const app of state.appsIn(target)) app.disabled = true;
      },
      mend: (target) => {
        for (const app of state.appsIn(target)) app.disabled = false;
      },
    },
    fault(state, 'developer_unapproved', 'The developer profile is no longer approved', 'app_misconfigured', {
      code: 40124,
      message: 'The developer profile is not filled in and approved.',
    }),
    fault(
      state,
      'app_permission_withdrawn',
      'The app loses a permission in the portal',
      'permission_missing',
      {
        code: 40125,
        message: "The developer doesn't have the permission to perform the operation.",
      },
    ),
    fault(state, 'server_country_refused', 'TikTok refuses the country of the server', 'policy_violation', {
      code: 41000,
      message: 'The client IP is on the banned country list.',
    }),
  ];
}

function secretRotated(state: TiktokState): Omit<SimBreak, 'how' | 'shows'> {
  return {
    title: 'The operator rotates the app’s secret',
    truth: 'app_misconfigured',
    apply: (target) => {
      for (const app of state.appsIn(target)) app.clientSecret = `rotated-${app.clientSecret}`;
    },
    mend: (target) => {
      for (const app of state.appsIn(target)) app.clientSecret = app.clientSecret.replace(/^(rotated-)+/, '');
    },
  };
}

function passingFaults(state: TiktokState): readonly SimBreak[] {
  return [
    fault(state, 'rate_limited', 'Too many calls in a second', 'rate_limited', {
      code: 40100,
      message: 'Requests made too frequently. The QPS of the app has reached its limit.',
    }),
    fault(state, 'daily_quota', 'The calls of the day are used up', 'quota_exceeded', {
      code: 40100,
      message: 'Requests made too frequently. The QPD of the app has reached its limit.',
    }),
    fault(state, 'maintenance', 'TikTok is in maintenance', 'platform_outage', {
      code: 60001,
      message: 'The system is in maintenance.',
    }),
  ];
}

function fault(
  state: TiktokState,
  how: string,
  title: string,
  truth: Cause,
  answer: { readonly code: number; readonly message: string },
): SimBreak {
  return {
    how,
    title,
    truth,
    shows: 'probe',
    apply: (target) => state.addFault({ how, target, ...answer }),
    mend: () => state.endFault(how),
  };
}
