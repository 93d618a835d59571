import type { Cadence } from './cadence.ts';
import { valueOr } from './fact.ts';
import type { GrantFacts, HardEnd } from './grantFacts.ts';
import type { Instant } from './instant.ts';

/** Whether this grant can bring itself a new access credential. */
export function canRenew(cadence: Cadence, facts: GrantFacts): boolean {
  return facts.renewable && valueOr(cadence.mechanism, 'none') !== 'none';
}

/** Every known moment that only a person can put off, soonest first. */
export function deadlinesOf(cadence: Cadence, facts: GrantFacts): readonly HardEnd[] {
  const ends = [...facts.hardEnds, ...testingEnd(cadence, facts), ...credentialEnd(cadence, facts)];
  return ends.sort((a, b) => a.at - b.at);
}

/** The earliest of {@link deadlinesOf}; null: none is known. */
export function deadlineOf(cadence: Cadence, facts: GrantFacts): HardEnd | null {
  return deadlinesOf(cadence, facts)[0] ?? null;
}

/** The end that has passed and took the whole grant with it; null: none has. */
export function endedByTime(cadence: Cadence, facts: GrantFacts, now: Instant): HardEnd | null {
  const hard = deadlinesOf(cadence, facts).find((end) => end.endsGrant && end.at <= now);
  return hard ?? missedEnd(cadence, facts, now);
}

/** An end that renewals would have put off, but none did in time. */
function missedEnd(cadence: Cadence, facts: GrantFacts, now: Instant): HardEnd | null {
  const exchanged = valueOr(cadence.mechanism, 'none') === 'token_exchange';
  if (exchanged && facts.accessExpiresAt !== null && facts.accessExpiresAt <= now) {
    return {
      kind: 'access_token',
      at: facts.accessExpiresAt,
      source: cadence.mechanism.source,
      endsGrant: true,
    };
  }
  if (facts.renewalExpiresAt !== null && facts.renewalExpiresAt <= now) {
    return {
      kind: 'renewal_credential',
      at: facts.renewalExpiresAt,
      source: cadence.renewalClock.source,
      endsGrant: true,
    };
  }
  return null;
}

function testingEnd(cadence: Cadence, facts: GrantFacts): HardEnd[] {
  const lifetime = cadence.testingLifetimeSeconds;
  if (facts.appPublishing !== 'testing' || typeof lifetime.value !== 'number') return [];
  return [
    {
      kind: 'testing_mode',
      at: facts.consentedAt + lifetime.value * 1000,
      source: lifetime.source,
      endsGrant: true,
    },
  ];
}

function credentialEnd(cadence: Cadence, facts: GrantFacts): HardEnd[] {
  if (!canRenew(cadence, facts)) {
    if (facts.accessExpiresAt === null) return [];
    return [
      {
        kind: 'access_token',
        at: facts.accessExpiresAt,
        source: cadence.accessLifetimeSeconds.source,
        endsGrant: true,
      },
    ];
  }
  if (facts.renewalExpiresAt === null || renewalRestartsClock(cadence)) return [];
  return [
    {
      kind: 'renewal_credential',
      at: facts.renewalExpiresAt,
      source: cadence.renewalLifetimeSeconds.source,
      endsGrant: true,
    },
  ];
}

/** Whether each renewal puts the end of the renewal credential off. */
export function renewalRestartsClock(cadence: Cadence): boolean {
  return valueOr(cadence.renewalClock, 'none') === 'from_renewal';
}
