import { CAUSES, type Cause } from '../../core/cause.ts';

/** What a person, or a platform because of a person, does to a grant, and a new authorization mends. */
export const PERSONAL_CAUSES: ReadonlySet<Cause> = new Set<Cause>([
  'revoked_by_user',
  'password_changed',
  'security_checkpoint',
  'session_invalidated',
  'renewal_credential_expired',
  'token_limit_exceeded',
]);

/** What an operator does to the app, and mends. */
export const LASTING_APP_CAUSES: ReadonlySet<Cause> = new Set(
  (Object.keys(CAUSES) as Cause[]).filter(
    (cause) => CAUSES[cause].reach === 'app' && cause !== 'rate_limited' && cause !== 'quota_exceeded',
  ),
);

/** What befalls a person at a platform for a while, and passes there: a lost role, a security check, a closed account. */
export const PASSING_CAUSES: ReadonlySet<Cause> = new Set<Cause>([
  'security_checkpoint',
  'account_access_removed',
  'account_disabled',
  'admin_policy',
  'not_provisioned',
  'permission_missing',
  'policy_violation',
]);
