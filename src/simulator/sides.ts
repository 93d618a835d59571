import type { Cause } from '../core/cause.ts';
import type { SimDeed } from '../platforms/kit/simDeeds.ts';
import type { SimBreak } from '../platforms/kit/simulator.ts';

export type Side = SimDeed['by'];

/** Whose affair a truth mostly is: the person’s sign-in and rights, the operator’s app, or the platform with its accounts, limits and time. */
const CONCERNS: Readonly<Record<Cause, Side>> = {
  access_token_expired: 'platform',
  renewal_credential_expired: 'platform',
  revoked_by_user: 'person',
  password_changed: 'person',
  security_checkpoint: 'person',
  session_invalidated: 'person',
  permission_missing: 'person',
  account_access_removed: 'person',
  account_disabled: 'platform',
  app_disabled: 'operator',
  app_misconfigured: 'operator',
  policy_violation: 'platform',
  admin_policy: 'person',
  testing_mode_expiry: 'operator',
  token_limit_exceeded: 'platform',
  rate_limited: 'platform',
  quota_exceeded: 'platform',
  platform_outage: 'platform',
  malformed_token: 'platform',
  not_provisioned: 'person',
  rotation_lost: 'platform',
  request_invalid: 'operator',
  unknown: 'platform',
};

/** Whose act a switch is: as it says itself, else as its truth says. */
export const sideOf = ({ by, truth }: SimBreak): Side => by ?? CONCERNS[truth];

/** In the order of the page. */
export const SIDES: readonly (readonly [side: Side, title: string])[] = [
  ['person', 'The person: sign-in, permissions, roles'],
  ['operator', 'The operator: the app, its secret and its approvals'],
  ['platform', 'The platform: what it decides, ad accounts, limits, time, outages'],
];
