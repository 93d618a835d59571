import type { Cause } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { OpenApp } from './openGrant.ts';

/** They speak of the end of a grant that lived. Of one that is only being made they tell nothing. */
const ENDS: ReadonlySet<Cause> = new Set([
  'access_token_expired',
  'renewal_credential_expired',
  'revoked_by_user',
  'password_changed',
  'session_invalidated',
  'token_limit_exceeded',
  'testing_mode_expiry',
  'rotation_lost',
]);

/** Whose answer it was, as the person knows them: Google, for Campaign Manager 360. */
export function signInNameOf({ platform: { profile } }: OpenApp): string {
  return profile.signInName ?? profile.name;
}

/** A code that is not taken: it is spent, or too old; why the platform gives no reason of its own. */
export function whyNoCredential({ cause, explanation }: Diagnosis): string {
  return ENDS.has(cause)
    ? 'The code of this sign-in is not taken any more: it works once, and for a few minutes only.'
    : explanation;
}

/** What is said to the person whose new credential the platform's own probe refuses, and what they can do. */
export function whyRefused(signInName: string, { cause, explanation, remedy }: Diagnosis): string {
  return ENDS.has(cause)
    ? `${signInName} gave this credential just now and refuses it already. Nothing was stored. Open the link again and connect once more; if it happens again, ask ${signInName} whether access was taken back.`
    : `${signInName} refuses the new credential, so nothing was stored. ${explanation} ${remedy}`;
}
