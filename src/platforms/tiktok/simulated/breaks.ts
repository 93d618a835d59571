import { breakApp, breakEach, breakMembers, breakSecret } from '../../kit/simBreaks.ts';
import type { SimBreak } from '../../kit/simulator.ts';
import { FAULTS } from './faults.ts';
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
    ...Object.entries(FAULTS).map(([how, { title, truth, by }]) =>
      state.switches.switch({ how, title, truth, by, shows: 'probe' }),
    ),
  ];
}

function advertiserBreaks(state: TiktokState): readonly SimBreak[] {
  return [
    breakEach(
      {
        how: 'revoked_by_user',
        title: 'The advertiser cancels the app’s authorization',
        truth: 'revoked_by_user',
        shows: 'probe',
        methods: ADVERTISER,
      },
      (target) => state.advertiserGrantsIn(target),
      (grant) => {
        grant.revoked = true;
      },
    ),
    breakMembers(
      {
        how: 'user_gone',
        title: 'The TikTok for Business user no longer exists',
        truth: 'session_invalidated',
        shows: 'probe',
        methods: ADVERTISER,
      },
      (target) => state.usersIn(target),
      state.goneUsers,
    ),
    breakEach(
      {
        how: 'permission_withdrawn',
        title: 'The advertiser’s grant lacks a permission',
        truth: 'permission_missing',
        shows: 'api',
        methods: ADVERTISER,
      },
      (target) => state.advertiserGrantsIn(target),
      (grant) => {
        grant.permissions = [];
      },
    ),
  ];
}

function adAccountBreaks(state: TiktokState): readonly SimBreak[] {
  return [
    breakMembers(
      {
        how: 'account_access_removed',
        title: 'The user loses the role on the ad accounts; the token lives on',
        truth: 'account_access_removed',
        shows: 'probe',
        methods: ADVERTISER,
      },
      (target) => state.usersIn(target),
      state.withoutRole,
    ),
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
    breakEach(
      {
        how: 'account_holder_revoked',
        title: 'The account holder removes the app',
        truth: 'revoked_by_user',
        shows: 'renew',
        methods: ACCOUNT,
      },
      (target) => state.accountGrantsIn(target),
      (grant) => {
        grant.revoked = true;
      },
    ),
    breakEach(
      {
        how: 'year_over',
        title: 'A year has passed since the consent',
        truth: 'renewal_credential_expired',
        shows: 'renew',
        methods: ACCOUNT,
      },
      (target) => state.accountGrantsIn(target),
      (grant) => {
        grant.refreshEndsAt = state.world.now();
      },
    ),
  ];
}

function appBreaks({ apps }: TiktokState): readonly SimBreak[] {
  const rotated = { title: 'The operator rotates the app’s secret', truth: 'app_misconfigured' } as const;
  return [
    breakSecret({ ...rotated, how: 'secret_rotated', shows: 'probe', methods: ADVERTISER }, apps.in),
    breakSecret({ ...rotated, how: 'secret_rotated_at_renewal', shows: 'renew', methods: ACCOUNT }, apps.in),
    breakApp(
      {
        how: 'app_blocked',
        title: 'TikTok blocks the app',
        truth: 'app_disabled',
        by: 'platform',
        shows: 'probe',
      },
      apps.in,
    ),
  ];
}
