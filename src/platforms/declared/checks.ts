import { at } from '../../core/answer.ts';
import type { Check, Evidence } from '../../core/diagnosis.ts';
import {
  check,
  firstChecks,
  invalidGrant,
  lastChecks,
  oauthChecks,
  oauthError,
  onToken,
  pageCheck,
} from '../kit/checks.ts';
import type { Declaration } from './declaration.ts';
import { type RefusalCode, refusalCodeOf } from './refusal.ts';

const refusedFor =
  (...codes: readonly RefusalCode[]) =>
  (evidence: Evidence): boolean => {
    const code = refusalCodeOf(oauthError(evidence));
    return code !== undefined && codes.includes(code);
  };

/** What Evergrant itself refused (`refusal.ts`): nearly always the declaration and the server do not agree. */
const refusals: readonly Check[] = [
  check('declared.metadata', refusedFor('metadata_unusable', 'issuer_mismatch'), {
    cause: 'app_misconfigured',
    remedy:
      'The operator compares the declared issuer with the server’s metadata, or declares the endpoints instead.',
  }),
  check('declared.id_token', refusedFor('id_token_refused'), {
    cause: 'app_misconfigured',
    also: ['request_invalid'],
    remedy:
      'Connect again. If it is refused again, the operator compares issuer, client id and signing keys with the server.',
  }),
  check('declared.token_type', refusedFor('token_type_unsupported'), {
    cause: 'app_misconfigured',
    remedy:
      'If the server’s tokens are sent as “Authorization: Bearer”, the operator adds their type to token_types.',
  }),
  check('declared.identity', refusedFor('identity_missing'), {
    cause: 'app_misconfigured',
    remedy:
      'The operator corrects identity in the declaration: the endpoint, and the path to a person’s id in its answer.',
  }),
  check('declared.client_key', refusedFor('client_key_unreadable', 'request_not_built'), {
    cause: 'app_misconfigured',
  }),
  check('declared.no_refresh_token', refusedFor('no_refresh_token'), {
    cause: 'renewal_credential_expired',
    also: ['permission_missing'],
    remedy:
      'The server gave no refresh token. The operator asks for it as the server wants it (often the scope offline_access, or a parameter in authorize_params); then reconnect.',
  }),
  check('declared.no_probe', refusedFor('no_probe'), { cause: 'unknown' }),
];

/** OpenID Connect Core 3.1.2.6, sent by some servers at the token endpoint too: the session behind the grant is over. */
const PERSON_WANTED = /^(login_required|interaction_required|consent_required|account_selection_required)$/;

/** The ordered checks for a declared server; they also read what `discover` brings back. */
export function declaredChecks(declaration: Declaration): readonly Check[] {
  return [
    ...refusals,
    pageCheck,
    ...firstChecks,
    check('declared.inactive', isInactive, (e) => invalidGrant(inLightOf(declaration, e))),
    check(
      'declared.invalid_grant',
      (e) => onToken(e) && oauthError(e) === 'invalid_grant',
      (e) => invalidGrant(inLightOf(declaration, e)),
    ),
    check('declared.person_wanted', (e) => onToken(e) && PERSON_WANTED.test(oauthError(e) ?? ''), {
      cause: 'session_invalidated',
      also: ['revoked_by_user', 'security_checkpoint', 'admin_policy', 'permission_missing'],
    }),
    check('declared.unsupported_token_type', (e) => oauthError(e) === 'unsupported_token_type', {
      cause: 'request_invalid',
    }),
    ...oauthChecks,
    ...lastChecks,
  ];
}

/** RFC 7662 2.2. Only the probe asks this; the answer itself is a success. */
function isInactive({ answer }: Evidence): boolean {
  return answer.endpoint === 'probe' && String(at(answer.json, 'active')) === 'false';
}

/** Where refresh tokens stay the same, a renewal whose answer was lost has lost nothing. */
function inLightOf({ rotation }: Declaration, evidence: Evidence): Evidence {
  if (rotation !== 'never' || !evidence.facts) return evidence;
  return { ...evidence, facts: { ...evidence.facts, unknownOutcomeAt: null } };
}
