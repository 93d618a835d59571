import { type PlatformAnswer, textAt } from '../../core/answer.ts';
import type { AdAccount, AppConfig, Io, Outcome } from '../kit/adapter.ts';
import { partners, queryAll } from './calls.ts';
import { refusesSeat } from './checks.ts';

/** Availability is the only status there is. */
const STATUSES: Readonly<Record<string, AdAccount['status']>> = { Available: 'active', Archived: 'closed' };

/**
 * The advertisers of every seat, one seat after the other (the limit counts per user). A seat that is refused is
 * left out; no seat at all is an answer to be diagnosed.
 */
export async function listAccounts(
  io: Io,
  app: AppConfig,
  accessToken: string,
): Promise<Outcome<readonly AdAccount[]>> {
  const seats = await partners(io, app, { endpoint: 'api', accessToken });
  if (!seats.ok) return seats;
  const accounts: AdAccount[] = [];
  let refusal: PlatformAnswer | undefined = seats.value.entries.length === 0 ? seats.value.answer : undefined;
  for (const seat of seats.value.entries) {
    const filter = { PartnerId: textAt(seat, 'PartnerId') };
    const found = await queryAll(
      io,
      app,
      { endpoint: 'api', accessToken },
      '/advertiser/query/partner',
      filter,
      'AdvertiserId',
    );
    if (found.ok) accounts.push(...found.value.entries.map(toAccount));
    else if (refusesSeat(found.answer)) refusal = found.answer;
    else return found;
  }
  return accounts.length === 0 && refusal ? { ok: false, answer: refusal } : { ok: true, value: accounts };
}

function toAccount(advertiser: unknown): AdAccount {
  const id = textAt(advertiser, 'AdvertiserId') ?? '';
  return {
    id,
    name: textAt(advertiser, 'AdvertiserName') ?? id,
    status: STATUSES[textAt(advertiser, 'Availability') ?? ''] ?? 'unknown',
    currency: textAt(advertiser, 'CurrencyCode') ?? null,
    timezone: null,
    permissions: [],
  };
}
