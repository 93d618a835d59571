import type { Check, Evidence } from '../../core/diagnosis.ts';
import { messageOf, reasonsOf, statusName } from '../google/errorBody.ts';
import { check, onApi } from '../kit/checks.ts';

/** What only Display & Video 360 says. */
export const dv360Checks: readonly Check[] = [
  check('dv360.no_role', (e) => onApi(e) && refusesRole(e), {
    cause: 'account_access_removed',
    also: ['not_provisioned', 'permission_missing'],
    remedy:
      'The person (or service account) has no role on this partner or advertiser, or too low a one: a partner’s administrator in Display & Video 360 grants it. No reconnect is needed.',
  }),
  check('dv360.no_partner', isEmptyPartnerList, {
    cause: 'not_provisioned',
    remedy:
      'This Google account (or service account) has no role anywhere in Display & Video 360: a partner’s administrator adds it as a user, or connect another account.',
  }),
];

/** A 403 that no reason explains is about roles; the scopes and the API's own switch have reasons or words of their own. */
export function refusesRole(evidence: Pick<Evidence, 'answer'>): boolean {
  if (statusName(evidence) !== 'PERMISSION_DENIED') return false;
  return reasonsOf(evidence).length === 0 && /does not have permission/i.test(messageOf(evidence));
}

/** 200 `{}`: not documented; a 403 is possible too, and read above. */
function isEmptyPartnerList(evidence: Evidence): boolean {
  const { status, json } = evidence.answer;
  if (!onApi(evidence) || status !== 200 || typeof json !== 'object' || json === null || Array.isArray(json))
    return false;
  const { partners, nextPageToken, ...rest } = json as Record<string, unknown>;
  const none = partners === undefined || (Array.isArray(partners) && partners.length === 0);
  return none && !nextPageToken && Object.keys(rest).length === 0;
}
