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

const CODE_REFUSED = {
  cause: 'request_invalid',
  meaning: 'app_fault',
  permanent: true,
  who: 'authorizing_user',
  reach: 'call',
  explanation:
    'The code of this sign-in is not taken: a code works once, for a few minutes, and for the sign-in that it was made for.',
  remedy: 'Open the link again and sign in once more.',
} as const satisfies Partial<Diagnosis>;

/**
 * An answer of the token endpoint to the code of a sign-in, read for what it is: where a platform has the same words for a
 * dead grant, or words of its own for a dead code, it is the code that is refused, and no authorization was there to end.
 */
export function readExchange(diagnosis: Diagnosis): Diagnosis {
  const { cause, endpoint, who } = diagnosis;
  const asDead = ENDS.has(cause) || cause === 'malformed_token';
  const asCode = cause === 'request_invalid' && who === 'authorizing_user';
  return endpoint === 'token' && (asDead || asCode) ? { ...diagnosis, ...CODE_REFUSED } : diagnosis;
}

/** What is said to the person whose sign-in brought no credential, and what they can do. */
export function whyNotIssued(asked: Asked, diagnosis: Diagnosis): string {
  const { cause, endpoint, explanation, reach, remedy } = diagnosis;
  if (endpoint !== 'token' && ENDS.has(cause)) return whyRefused(asked, diagnosis);
  const next = reach === 'app' || reach === 'call' ? remedy : 'Open the link again to retry.';
  return `${askedNameOf(asked)} did not complete the sign-in. ${explanation} ${next}`;
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
