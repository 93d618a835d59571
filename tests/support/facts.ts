import fc from 'fast-check';
import type { ReceivedAnswer } from '../../src/core/answer.ts';
import type { Cadence } from '../../src/core/cadence.ts';
import { ALL_CAUSES } from '../../src/core/cause.ts';
import { type Diagnosis, diagnose, type Finding } from '../../src/core/diagnosis.ts';
import type { Fact } from '../../src/core/fact.ts';
import type { GrantFacts } from '../../src/core/grantFacts.ts';
import { HOUR_MS } from '../../src/core/instant.ts';

export const NOW = Date.parse('2026-11-22T09:00:00Z');
export const HOUR_SECONDS = 3600;
export const DAY_SECONDS = 24 * 3600;

/** A fact that somebody checked. */
export function fact<T>(value: T | 'unknown'): Fact<T> {
  return { value, source: 'https://docs.acme.example', checked: '2026-08-13', confidence: 'sure' };
}

type Values = {
  -readonly [K in keyof Cadence]: Cadence[K] extends Fact<infer T> ? T | 'unknown' : Cadence[K];
};

/** A cadence from bare values. Unless told otherwise: refresh tokens without end, access tokens of an hour. */
export function cadenceOf(values: Partial<Values> = {}): Cadence {
  const { probeEverySeconds = DAY_SECONDS, ...facts } = values;
  const all = {
    accessLifetimeSeconds: HOUR_SECONDS,
    mechanism: 'refresh_token',
    renewalLifetimeSeconds: 'unknown',
    renewalClock: 'none',
    singleUseRenewal: false,
    idleLifetimeSeconds: 'unknown',
    liveGrantCap: 'unknown',
    testingLifetimeSeconds: 'never',
    personNeededWhen: 'unknown',
    confirmAfterSeconds: 300,
    ...facts,
  };
  const checked = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, fact(value)]));
  return { ...checked, probeEverySeconds } as unknown as Cadence;
}

/** A grant that was authorized at {@link NOW} and works. */
export function factsWith(changes: Partial<GrantFacts> = {}): GrantFacts {
  return {
    platform: 'acme',
    method: 'user_login',
    appPublishing: 'production',
    consentedAt: NOW,
    issuedAt: NOW,
    accessExpiresAt: NOW + HOUR_MS,
    accessExpiryAssumed: false,
    renewalExpiresAt: null,
    renewable: true,
    scopesRequested: ['ads.read', 'ads.write'],
    scopesGranted: ['ads.read', 'ads.write'],
    hardEnds: [],
    lastProofAt: NOW,
    accessDeadAt: null,
    unknownOutcomeAt: null,
    newerGrantsOfIdentity: 0,
    consentCount: 1,
    extra: {},
    ...changes,
  };
}

export function answerOf(changes: Partial<ReceivedAnswer> = {}): ReceivedAnswer {
  return { kind: 'answer', endpoint: 'token', status: 400, headers: {}, body: '', ...changes };
}

/** The diagnosis of a token endpoint's refusal in which one check concluded this. */
export function diagnosisOf(finding: Finding, answer: Partial<ReceivedAnswer> = {}): Diagnosis {
  return diagnose([{ name: 'acme.test', look: () => finding }], answerOf(answer), undefined, NOW);
}

/** Every diagnosis that a chain or a silence can come to. */
export const anyDiagnosis: fc.Arbitrary<Diagnosis> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record(
        {
          cause: fc.constantFrom(...ALL_CAUSES),
          permanent: fc.boolean(),
          reach: fc.constantFrom('grant', 'part_of_grant', 'app', 'call', 'platform'),
          retryAfterSeconds: fc.nat(10_000_000),
        } as const,
        { requiredKeys: ['cause'] },
      )
      .map((finding) => diagnosisOf(finding as Finding)),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        reason: fc.constantFrom(
          'timeout',
          'connection_failed',
          'connection_lost',
          'answer_too_large',
          'redirect_refused',
          'host_refused',
        ),
        sent: fc.boolean(),
      } as const)
      .map((silence) => diagnose([], { kind: 'no_answer', endpoint: 'token', ...silence }, undefined, NOW)),
  },
);
