import { type ReceivedAnswer, textAt } from '../../core/answer.ts';
import { DAY_MS, type Instant } from '../../core/instant.ts';
import type { Identity, MethodAdapter } from '../kit/adapter.ts';
import { partners } from './calls.ts';
import { NOT_ASKED } from './checks.ts';
import { common } from './common.ts';

/** Tokens are made for a year at most; a few days for calendars and time zones. */
const LONGEST_LIFE_MS = 370 * DAY_MS;

/** A token that a person made in the platform's own pages. No call renews it, and none tells when it ends. */
export const apiToken: MethodAdapter = {
  ...common,
  accept: async (io, app, fields) => {
    const now = io.now();
    const end = readEnd(fields.expires_on ?? '', now);
    if (typeof end === 'string') return { ok: false, answer: notAsked(end) };
    // Tokens hold no blanks; pasted ones often do.
    const accessToken = (fields.token ?? '').replace(/\s+/g, '');
    const seats = await partners(io, app, { endpoint: 'probe', accessToken });
    if (!seats.ok) return seats;
    const identity = identityOf(seats.value.entries);
    if (!identity) return { ok: false, answer: seats.value.answer };
    const secrets = { access_token: accessToken };
    return {
      ok: true,
      value: { secrets, issuedAt: now, accessExpiresAt: end, accessExpiryAssumed: false, identity },
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

/** The begin of the day entered, in UTC: the token may end at any time of it. A text says what is wrong instead. */
function readEnd(entered: string, now: Instant): Instant | string {
  const day = /^(\d{4}-\d{2}-\d{2})(T.*)?$/.exec(entered.trim())?.[1];
  const end = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(end)) return 'the end date is not a date (YYYY-MM-DD)';
  if (end <= now) return 'the end date has passed';
  if (end > now + LONGEST_LIFE_MS)
    return 'the end date is more than a year away, but tokens end within a year';
  return end;
}

/** The platform was not asked: a wrong end date would silence every reminder. */
function notAsked(why: string): ReceivedAnswer {
  const body = JSON.stringify({ Message: `${NOT_ASKED}: ${why}.` });
  return { kind: 'answer', endpoint: 'probe', status: 400, headers: {}, body };
}
