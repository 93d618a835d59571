/** Who has to do something before it works again. */
export type Actor = 'nobody' | 'authorizing_user' | 'account_admin' | 'operator' | 'platform';

/** What a failure takes down: the authorization itself, a part of what it allows, or something beside it. */
export type Reach = 'grant' | 'part_of_grant' | 'app' | 'call' | 'platform';

export interface CauseEntry {
  /** No retry and no renewal heals it until somebody acts. */
  readonly permanent: boolean;
  readonly who: Actor;
  readonly reach: Reach;
  /** Whether a new authorization mends it, by itself or after what else there is to do. */
  readonly reconnect: boolean;
  /** What it means, in a person's words. */
  readonly meaning: string;
  /** What to do, in a person's words. */
  readonly remedy: string;
}

const passing = { permanent: false } as const;
const permanent = { permanent: true } as const;

/** The one vocabulary of causes: API, database, dashboard and documents use these words and no others. */
export const CAUSES = {
  access_token_expired: {
    ...passing,
    who: 'nobody',
    reach: 'grant',
    reconnect: false,
    meaning: 'The access token reached its end. This is normal: a renewal brings a new one.',
    remedy: 'Nothing to do: Evergrant renews it.',
  },
  renewal_credential_expired: {
    ...permanent,
    who: 'authorizing_user',
    reach: 'grant',
    reconnect: true,
    meaning: 'The authorization has reached its end: it cannot be renewed any more.',
    remedy: 'Reconnect: the person who authorized it signs in at the platform again.',
  },
  revoked_by_user: {
    ...permanent,
    who: 'authorizing_user',
    reach: 'grant',
    reconnect: true,
    meaning: 'The authorization was withdrawn at the platform.',
    remedy: 'Reconnect: the person who authorized it signs in at the platform and allows access again.',
  },
  password_changed: {
    ...permanent,
    who: 'authorizing_user',
    reach: 'grant',
    reconnect: true,
    meaning: 'The person changed their password, and the platform ended what was signed in before.',
    remedy: 'Reconnect: the person signs in at the platform with the new password.',
  },
  security_checkpoint: {
    ...permanent,
    who: 'authorizing_user',
    reach: 'grant',
    reconnect: true,
    meaning: 'The platform holds the person’s account until they pass a security check.',
    remedy:
      'The person signs in at the platform itself and follows its instructions; reconnect only if it stays broken.',
  },
  session_invalidated: {
    ...permanent,
    who: 'authorizing_user',
    reach: 'grant',
    reconnect: true,
    meaning: 'The platform ended the session on which the authorization rests.',
    remedy: 'Reconnect: the person signs in at the platform again.',
  },
  permission_missing: {
    ...permanent,
    who: 'authorizing_user',
    reach: 'part_of_grant',
    reconnect: true,
    meaning: 'The authorization works, but does not include a permission that is needed.',
    remedy: 'Reconnect and allow every permission that is asked for.',
  },
  account_access_removed: {
    ...permanent,
    who: 'account_admin',
    reach: 'part_of_grant',
    reconnect: false,
    meaning: 'The person who authorized it no longer has a role on this ad account.',
    remedy: 'An administrator of the ad account gives the person their role again. No reconnect is needed.',
  },
  account_disabled: {
    ...permanent,
    who: 'account_admin',
    reach: 'part_of_grant',
    reconnect: false,
    meaning: 'The account is suspended, closed or deleted at the platform.',
    remedy: 'An administrator of the account resolves it at the platform, or the account is removed here.',
  },
  app_disabled: {
    ...permanent,
    who: 'operator',
    reach: 'app',
    reconnect: false,
    meaning: 'The platform has disabled the app (the OAuth client). The grants themselves are not at fault.',
    remedy: 'The operator reactivates the app in the platform’s developer console.',
  },
  app_misconfigured: {
    ...permanent,
    who: 'operator',
    reach: 'app',
    reconnect: false,
    meaning:
      'The platform does not accept the app as it is set up here. The grants themselves are not at fault.',
    remedy:
      'The operator checks the app’s client id, secret and settings here against the developer console.',
  },
  policy_violation: {
    ...permanent,
    who: 'account_admin',
    reach: 'part_of_grant',
    reconnect: false,
    meaning: 'The platform restricts the account or the app because of its policies.',
    remedy: 'Read the platform’s notice and resolve or appeal it there.',
  },
  admin_policy: {
    ...permanent,
    who: 'account_admin',
    reach: 'grant',
    reconnect: true,
    meaning: 'A rule set by an administrator of the organization forbids this authorization.',
    remedy: 'An administrator of the organization allows the app; then reconnect.',
  },
  testing_mode_expiry: {
    ...permanent,
    who: 'operator',
    reach: 'grant',
    reconnect: true,
    meaning: 'The app is in Testing, where authorizations end after a few days.',
    remedy: 'The operator publishes the app (In production); then reconnect.',
  },
  token_limit_exceeded: {
    ...permanent,
    who: 'authorizing_user',
    reach: 'grant',
    reconnect: true,
    meaning:
      'The person has authorized this app more often than the platform allows, and the oldest authorization ended.',
    remedy: 'Reconnect, and let connections of the same person share one authorization.',
  },
  rate_limited: {
    ...passing,
    who: 'nobody',
    reach: 'platform',
    reconnect: false,
    meaning: 'Too many calls in a short time. It passes by itself; the authorization is fine.',
    remedy: 'Wait. Never reconnect because of this.',
  },
  quota_exceeded: {
    ...passing,
    who: 'nobody',
    reach: 'platform',
    reconnect: false,
    meaning:
      'An allowance for a longer time is used up. It passes when it is renewed; the authorization is fine.',
    remedy:
      'Wait until the allowance is renewed, or ask the platform for a larger one. Never reconnect because of this.',
  },
  platform_outage: {
    ...passing,
    who: 'platform',
    reach: 'platform',
    reconnect: false,
    meaning: 'The platform is not answering properly. The authorization is most likely fine.',
    remedy: 'Wait. Evergrant tries again by itself.',
  },
  malformed_token: {
    ...permanent,
    who: 'operator',
    reach: 'grant',
    reconnect: true,
    meaning: 'The platform cannot read the credential: it was altered, cut off, or belongs elsewhere.',
    remedy:
      'The operator checks that the credential was pasted whole and belongs to this app; if so, reconnect.',
  },
  not_provisioned: {
    ...permanent,
    who: 'account_admin',
    reach: 'part_of_grant',
    reconnect: false,
    meaning:
      'The authorization works, but reaches nothing: this identity has not been given access to the product or its interface, or to any ad account.',
    remedy:
      'An administrator (or the platform’s representative) gives this identity access; or connect another identity.',
  },
  rotation_lost: {
    ...permanent,
    who: 'authorizing_user',
    reach: 'grant',
    reconnect: true,
    meaning:
      'The platform replaced the refresh token, but its answer never arrived here, so the new one is lost. Nobody revoked anything.',
    remedy: 'Reconnect: the person who authorized it signs in at the platform again.',
  },
  request_invalid: {
    ...permanent,
    who: 'operator',
    reach: 'call',
    reconnect: false,
    meaning: 'The call itself was wrong. The authorization is not at fault.',
    remedy: 'Correct the call (address, parameters, headers, version). Nothing has to be reconnected.',
  },
  unknown: {
    ...passing,
    who: 'nobody',
    reach: 'platform',
    reconnect: false,
    meaning: 'The platform’s answer does not tell what is wrong. The authorization is not judged by it.',
    remedy: 'Evergrant tries again; if it persists, look at the platform’s own words.',
  },
} as const satisfies Record<string, CauseEntry>;

export type Cause = keyof typeof CAUSES;

/** Every cause, in the order of the vocabulary. */
export const ALL_CAUSES = Object.keys(CAUSES) as readonly Cause[];

export function isCause(text: string): text is Cause {
  return Object.hasOwn(CAUSES, text);
}
