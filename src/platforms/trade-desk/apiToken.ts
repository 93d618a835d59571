import { textAt } from '../../core/answer.ts';
import type { Identity, MethodAdapter } from '../kit/adapter.ts';
import { dayAt, pastedToken } from '../kit/fields.ts';
import { partners } from './calls.ts';
import { saysTokenIsDead } from './checks.ts';
import { common } from './common.ts';

const REFUSED =
  'The Trade Desk refuses this token. Check that it was copied whole and that, under Access Management, Manage API tokens, it is neither revoked nor past its end date; otherwise make a new one there.';

/** A token that a person made in the platform's own pages. No call renews it, and none tells when it ends. */
export const apiToken: MethodAdapter = {
  ...common,
  accept: async (io, app, fields) => {
    const now = io.now();
    // The begin of the day entered, in UTC: the token may end at any time of it.
    const accessExpiresAt = dayAt(fields.expires_on ?? '');
    const accessToken = pastedToken(fields.token);
    const seats = await partners(io, app, { endpoint: 'probe', accessToken });
    if (!seats.ok) return saysTokenIsDead(seats.answer) ? { ...seats, refused: { token: REFUSED } } : seats;
    const identity = identityOf(seats.value.entries);
    if (!identity) return { ok: false, answer: seats.value.answer };
    const secrets = { access_token: accessToken };
    return {
      ok: true,
      value: { secrets, issuedAt: now, accessExpiresAt, accessExpiryAssumed: false, identity },
    };
  },
};

/**
 * No call tells whose token it is. The first by text order of the seats reached stands for the API user: it seldom changes, where a
 * digest of all seats would refuse next year's token as soon as one seat is added.
 */
function identityOf(seats: readonly unknown[]): Identity | undefined {
  const known = seats
    .map((seat) => ({ id: textAt(seat, 'PartnerId') ?? '', name: textAt(seat, 'PartnerName') ?? null }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const first = known[0];
  return first && { id: `partner:${first.id}`, kind: 'api_user', name: first.name, email: null };
}
