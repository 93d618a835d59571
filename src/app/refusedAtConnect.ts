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

type Asked = Pick<OpenApp, 'platform' | 'method'>;

/**
 * Whose answer it was, as the person knows them: Google, where they signed in for Campaign Manager 360. Who fills in
 * fields signs in nowhere, and knows the platform.
 */
export function askedNameOf({ platform: { profile }, method }: Asked): string {
  return method.kind === 'oauth' ? (profile.signInName ?? profile.name) : profile.name;
}

/** The fields that carry the credential, by the names under which the person sees them. */
function credentialFieldsOf({ method }: Asked): string {
  const secrets = method.fields.filter(({ secret }) => secret);
  return (secrets.length > 0 ? secrets : method.fields).map(({ label }) => label).join(', ');
}

/** A code that is not taken: it is spent, or too old; why the platform gives no reason of its own. */
export function whyNoCredential({ cause, explanation }: Diagnosis): string {
  return ENDS.has(cause)
    ? 'The code of this sign-in is not taken any more: it works once, and for a few minutes only.'
    : explanation;
}

/** What is said to the person whose new credential the platform's own probe refuses, and what they can do. */
export function whyRefused(asked: Asked, { cause, explanation, remedy }: Diagnosis): string {
  const name = askedNameOf(asked);
  if (asked.method.kind === 'fields') {
    const refused = `${name} refuses what was entered (${credentialFieldsOf(asked)}), so nothing was stored.`;
    return ENDS.has(cause)
      ? `${refused} It may have ended or been withdrawn: enter the one that is valid now, or create a new one.`
      : `${refused} ${explanation} ${remedy}`;
  }
  return ENDS.has(cause)
    ? `${name} gave this credential just now and refuses it already. Nothing was stored. Open the link again and connect once more; if it happens again, ask ${name} whether access was taken back.`
    : `${name} refuses the new credential, so nothing was stored. ${explanation} ${remedy}`;
}
