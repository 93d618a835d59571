import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { evidenceOf } from '../src/app/evidence.ts';
import { move } from '../src/app/moveGrant.ts';
import {
  factsAfter,
  holdSingleUse,
  missingOf,
  settleDead,
  settleLimited,
  settlePassing,
  settleProven,
  settleRenewed,
  settleSpared,
  settleSuspect,
} from '../src/app/settle.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/core/instant.ts';
import type { GrantRecord } from '../src/store/records.ts';
import type { GrantOutcome } from '../src/store/store.ts';
import { anyDiagnosis, cadenceOf, DAY_SECONDS, diagnosisOf, factsWith, NOW } from './support/facts.ts';
import { grantWith, issuedAt, methodWith } from './support/records.ts';

const LATER = NOW + 40 * MINUTE_MS;
const REVOKED = diagnosisOf({ cause: 'revoked_by_user' });
const OUTAGE = diagnosisOf({ cause: 'platform_outage' }, { status: 503 });
const SUSPICION = { cause: 'revoked_by_user', firstSeenAt: LATER, confirmAt: LATER + 5 * MINUTE_MS } as const;

const at = (grant: Partial<GrantRecord> = {}, now = LATER, method = methodWith()) => ({
  grant: grantWith(grant),
  method,
  now,
  actor: 'keeper',
});
const actionsOf = (outcome: GrantOutcome) => outcome.activity.map((row) => row.action);
/** What a failure has no business with. */
const lasting = ({
  id,
  workspaceId,
  secrets,
  credentialVersion,
  identity,
  epoch,
  createdAt,
  leaseOwner,
}: GrantRecord) => {
  return { id, workspaceId, secrets, credentialVersion, identity, epoch, createdAt, leaseOwner };
};

describe('a failure after an answer was lost', () => {
  it('is tried again, not probed, once the access token has ended: nothing is held any more', () => {
    const facts = factsWith({
      accessExpiresAt: LATER - DAY_MS,
      lastProofAt: NOW - 9 * DAY_MS,
      unknownOutcomeAt: NOW,
    });
    for (const singleUse of [true, false]) {
      const method = methodWith(cadenceOf({ singleUseRenewal: singleUse }));
      const { grant } = settlePassing(at({ facts, failures: 30 }, LATER, method), OUTAGE, false);
      assert.equal(grant.dueReason, 'retry');
    }
  });
});

describe('a renewal that succeeded', () => {
  it('keeps the refresh token where the answer brought none', () => {
    const { grant } = settleRenewed(at(), issuedAt(LATER), { access_token: 'sealed-access-2' });
    assert.deepEqual(grant.secrets, { access_token: 'sealed-access-2', refresh_token: 'sealed-refresh-1' });
    assert.equal(grant.credentialVersion, 4);
  });

  it('takes the refresh token that the answer brought', () => {
    const { grant } = settleRenewed(at(), issuedAt(LATER), {
      access_token: 'sealed-access-2',
      refresh_token: 'sealed-refresh-2',
    });
    assert.equal(grant.secrets.refresh_token, 'sealed-refresh-2');
  });

  it('plans the next one, forgets what failed, and ends the outage', () => {
    const facts = factsWith({ accessDeadAt: NOW, unknownOutcomeAt: NOW });
    const broken = {
      state: 'suspect',
      cause: 'revoked_by_user',
      pending: SUSPICION,
      failures: 9,
      facts,
    } as const;
    const outcome = settleRenewed(at(broken), issuedAt(LATER), {});
    const { grant } = outcome;
    assert.deepEqual([grant.state, grant.cause, grant.pending, grant.failures], ['active', null, null, 0]);
    assert.deepEqual(
      [grant.facts.accessDeadAt, grant.facts.unknownOutcomeAt, grant.facts.lastProofAt],
      [null, null, LATER],
    );
    assert.ok(grant.renewAt! > LATER && grant.renewAt! < LATER + HOUR_MS && grant.dueAt === grant.renewAt);
    assert.equal(outcome.closeOutageAt, LATER);
    assert.deepEqual(actionsOf(outcome), ['grant.renewed', 'grant.active']);
  });

  it('is on record once, and does not pretend that a state changed', () => {
    const outcome = settleRenewed(at(), issuedAt(LATER), {});
    assert.deepEqual(actionsOf(outcome), ['grant.renewed']);
    assert.equal(outcome.grant.stateSince, NOW);
  });

  it('never widens the scopes, and says what is missing where they became fewer', () => {
    const wider = settleRenewed(
      at(),
      issuedAt(LATER, { scopesGranted: ['ads.read', 'ads.write', 'admin'] }),
      {},
    ).grant;
    assert.deepEqual(wider.facts.scopesGranted, ['ads.read', 'ads.write']);
    const fewer = settleRenewed(at(), issuedAt(LATER, { scopesGranted: ['ads.read'] }), {}).grant;
    assert.deepEqual(
      [fewer.state, fewer.cause, fewer.evidence?.missingScopes],
      ['degraded', 'permission_missing', ['ads.write']],
    );
    const again = settleRenewed(at({ facts: fewer.facts }), issuedAt(LATER), {}).grant;
    assert.deepEqual(
      again.facts.scopesGranted,
      ['ads.read'],
      'an answer without scopes leaves them as they were',
    );
  });

  it('does not heal a loss that only an inventory can disprove', () => {
    const lost = { state: 'degraded', cause: 'account_access_removed' } as const;
    assert.deepEqual(pick(settleRenewed(at(lost), issuedAt(LATER), {}).grant), [
      'degraded',
      'account_access_removed',
    ]);
    const scopes = { state: 'degraded', cause: 'permission_missing' } as const;
    assert.deepEqual(pick(settleRenewed(at(scopes), issuedAt(LATER), {}).grant), ['active', null]);
  });
});

const pick = ({ state, cause }: GrantRecord) => [state, cause];

describe('the facts after an answer', () => {
  it('stay what they were where the answer says nothing', () => {
    const hardEnd = { kind: 'data_access', at: NOW + DAY_MS, source: 'the platform said', endsGrant: false };
    const before = factsWith({
      renewalExpiresAt: NOW + 90 * DAY_MS,
      hardEnds: [hardEnd],
      extra: { region: 'eu' },
    });
    const after = factsAfter(before, issuedAt(LATER, { extra: { seen: true } }));
    assert.deepEqual([after.renewalExpiresAt, after.hardEnds], [before.renewalExpiresAt, before.hardEnds]);
    assert.deepEqual(after.extra, { region: 'eu', seen: true });
    assert.equal(after.consentedAt, NOW, 'a renewal is no consent');
  });

  it('take what it says, also that something has no end', () => {
    const before = factsWith({ renewalExpiresAt: NOW + 90 * DAY_MS });
    assert.equal(factsAfter(before, issuedAt(LATER, { renewalExpiresAt: null })).renewalExpiresAt, null);
    assert.equal(factsAfter(before, issuedAt(LATER, { accessExpiresAt: null })).accessExpiresAt, null);
    assert.deepEqual(factsAfter(before, issuedAt(LATER, { hardEnds: [] })).hardEnds, []);
  });

  it('call missing only what is required', () => {
    const scopes = [{ id: 'openid', description: '', byDefault: true, features: [], required: false }];
    const facts = factsWith({ scopesRequested: ['openid', 'ads.read'], scopesGranted: [] });
    assert.deepEqual(missingOf(methodWith(cadenceOf(), scopes), facts), ['ads.read']);
  });
});

describe('a proof by a probe', () => {
  it('takes what was learned and mends the state, but renews nothing', () => {
    const facts = factsWith({ accessDeadAt: NOW, unknownOutcomeAt: NOW });
    const outcome = settleProven(at({ state: 'failing', cause: 'platform_outage', facts }), {
      verdict: 'alive',
      facts: { accessExpiresAt: NOW + 2 * HOUR_MS, extra: { app: 'x' } },
    });
    const { grant } = outcome;
    assert.deepEqual(
      [grant.state, grant.facts.accessExpiresAt, grant.facts.extra],
      ['active', NOW + 2 * HOUR_MS, { app: 'x' }],
    );
    assert.deepEqual([grant.facts.lastProofAt, grant.facts.accessDeadAt], [LATER, null]);
    assert.equal(grant.facts.unknownOutcomeAt, NOW, 'what came of the renewal is still not known');
    assert.deepEqual([grant.credentialVersion, grant.secrets], [3, grantWith().secrets]);
    assert.equal(outcome.closeOutageAt, LATER);
  });

  it('degrades a grant that lost a scope at the platform', () => {
    const { grant } = settleProven(at(), { verdict: 'alive', facts: { scopesGranted: ['ads.read'] } });
    assert.deepEqual(
      [grant.state, grant.cause, grant.evidence?.missingScopes],
      ['degraded', 'permission_missing', ['ads.write']],
    );
  });
});

describe('every failure', () => {
  it('keeps the credential, the identity and the claim', () => {
    fc.assert(
      fc.property(anyDiagnosis, fc.boolean(), (diagnosis, unknown) => {
        const before = at();
        const death = { cause: diagnosis.cause, confirmedBy: 'probe' };
        for (const { grant } of [
          settlePassing(before, diagnosis, unknown),
          settleSuspect(before, diagnosis, SUSPICION),
          settleLimited(before, diagnosis),
          settleDead(before, diagnosis, death),
          settleSpared(before, diagnosis, LATER + HOUR_MS),
        ]) {
          assert.deepEqual(lasting(grant), lasting(before.grant));
        }
      }),
    );
  });

  it('never ends an outage, and opens one while the token works only by a death', () => {
    const open = settleDead(at(), REVOKED, { cause: 'revoked_by_user', confirmedBy: 'probe' });
    assert.ok(open.openOutage);
    for (const outcome of [
      settlePassing(at(), OUTAGE, false),
      settleSuspect(at(), REVOKED, SUSPICION),
      settleSpared(at(), OUTAGE, LATER),
      open,
    ]) {
      assert.equal(outcome.closeOutageAt, undefined);
      if (outcome !== open) assert.equal(outcome.openOutage, undefined);
    }
  });
});

describe('a passing failure', () => {
  it('is tried again by the table, with the credential still good', () => {
    const { grant } = settlePassing(at(), OUTAGE, false);
    assert.deepEqual(
      [grant.state, grant.cause, grant.failures, grant.dueReason],
      ['failing', 'platform_outage', 1, 'retry'],
    );
    assert.ok(grant.dueAt! > LATER && grant.dueAt! <= LATER + 33_000);
    const worn = settlePassing(
      at({ failures: 7, facts: factsWith({ accessExpiresAt: null }) }),
      OUTAGE,
      false,
    ).grant;
    assert.ok(worn.dueAt! > LATER + 50 * MINUTE_MS, 'longer after each one');
  });

  it('is tried again soon once nothing works any more, however often that failed before', () => {
    const facts = factsWith({ accessExpiresAt: LATER - 2 * MINUTE_MS });
    const { grant } = settlePassing(at({ failures: 40, facts }), OUTAGE, false);
    assert.ok(grant.dueAt! > LATER && grant.dueAt! < LATER + 2 * MINUTE_MS);
  });

  it('does not lift a suspicion, nor its wait for confirmation', () => {
    const suspect = { state: 'suspect', cause: 'revoked_by_user', pending: SUSPICION } as const;
    const { grant } = settlePassing(at(suspect), OUTAGE, false);
    assert.deepEqual([grant.state, grant.pending, grant.dueReason], ['suspect', SUSPICION, 'confirm']);
  });

  it('of which nobody knows the outcome is remembered as that', () => {
    assert.equal(settlePassing(at(), OUTAGE, true).grant.facts.unknownOutcomeAt, LATER);
    assert.equal(settlePassing(at(), OUTAGE, false).grant.facts.unknownOutcomeAt, null);
  });

  it('holds back a single-use refresh token that may be spent, while the access token still works', () => {
    const rotating = methodWith(cadenceOf({ singleUseRenewal: true }));
    const held = settlePassing(at({}, LATER, rotating), OUTAGE, true).grant;
    assert.equal(held.dueAt, NOW + 50 * MINUTE_MS);
    const dead = { facts: factsWith({ accessDeadAt: LATER }) };
    assert.ok(
      settlePassing(at(dead, LATER, rotating), OUTAGE, true).grant.dueAt! < LATER + MINUTE_MS,
      'nothing is left to protect',
    );
  });
});

describe('holding a single-use refresh token', () => {
  const rotating = methodWith(cadenceOf({ singleUseRenewal: true }));
  const hold = (planned: number, method = rotating, changes = {}) =>
    holdSingleUse({ grant: grantWith({ facts: factsWith(changes) }), method, now: LATER }, planned);

  it('lasts to the last part of the access token’s life, never beyond its end, never sooner than planned', () => {
    assert.equal(hold(LATER), NOW + 50 * MINUTE_MS);
    assert.equal(hold(NOW + 55 * MINUTE_MS), NOW + 55 * MINUTE_MS);
  });

  it('is for methods whose refresh tokens are single use, or may be', () => {
    assert.equal(hold(LATER, methodWith(cadenceOf({ singleUseRenewal: false }))), LATER);
    assert.equal(hold(LATER, methodWith(cadenceOf({ singleUseRenewal: 'unknown' }))), NOW + 50 * MINUTE_MS);
  });

  it('is over when the access token is', () => {
    for (const changes of [{ accessExpiresAt: LATER }, { accessExpiresAt: null }, { accessDeadAt: NOW }]) {
      assert.equal(hold(LATER, rotating, changes), LATER);
    }
  });
});

describe('a suspicion', () => {
  it('is held until it is asked again', () => {
    const outcome = settleSuspect(at(), REVOKED, SUSPICION);
    const { state, dueAt, dueReason, pending } = outcome.grant;
    assert.deepEqual(
      [state, dueAt, dueReason, pending],
      ['suspect', SUSPICION.confirmAt, 'confirm', SUSPICION],
    );
    assert.deepEqual(actionsOf(outcome), ['grant.attempt_failed', 'grant.suspect']);
  });
});

describe('a death', () => {
  const death = { cause: 'revoked_by_user', confirmedBy: 'second_try' } as const;

  it('needs a person: nothing is due any more, and the outage begins where the loss is estimated', () => {
    const outcome = settleDead(at(), REVOKED, death);
    const { grant } = outcome;
    assert.deepEqual(
      [grant.state, grant.dueAt, grant.dueReason, grant.renewAt, grant.pending],
      ['expired', null, 'person_needed', null, null],
    );
    assert.deepEqual(outcome.openOutage, {
      cause: 'revoked_by_user',
      startedAt: NOW + HOUR_MS,
      startEvidence: 'end_by_time',
      noticedAt: LATER,
      confirmed: true,
    });
    const refused = settleDead(
      at({ facts: factsWith({ accessDeadAt: LATER, lastProofAt: NOW + MINUTE_MS }) }),
      REVOKED,
      death,
    );
    assert.deepEqual(
      [refused.openOutage?.startedAt, refused.openOutage?.startEvidence],
      [NOW + MINUTE_MS, 'last_proof'],
    );
  });

  it('records how it was confirmed, and the words of the cause that was settled on', () => {
    const { evidence } = settleDead(at(), REVOKED, {
      cause: 'testing_mode_expiry',
      confirmedBy: 'end_by_time',
    }).grant;
    assert.deepEqual(
      [evidence?.cause, evidence?.confirmedBy, evidence?.who],
      ['testing_mode_expiry', 'end_by_time', 'operator'],
    );
    assert.match(evidence?.remedy ?? '', /publishes the app/);
  });

  it('that may heal without a person is still looked at', () => {
    const checkpoint = diagnosisOf({ cause: 'security_checkpoint' });
    const { grant } = settleDead(at(), checkpoint, { cause: 'security_checkpoint', confirmedBy: 'probe' });
    assert.deepEqual([grant.dueAt, grant.dueReason], [LATER + DAY_MS, 'probe']);
  });
});

describe('the app’s fault', () => {
  it('leaves the grant as it is, only later', () => {
    const outcome = settleSpared(
      at({ failures: 2 }),
      diagnosisOf({ cause: 'app_misconfigured' }),
      LATER + 10 * MINUTE_MS,
    );
    const { state, cause, failures, dueAt, dueReason } = outcome.grant;
    assert.deepEqual(
      [state, cause, failures, dueAt, dueReason],
      ['active', null, 2, LATER + 10 * MINUTE_MS, 'spared'],
    );
    assert.deepEqual(actionsOf(outcome), ['grant.spared']);
  });

  it('is looked at again when the access token ends, and from then on it is an outage that shows', () => {
    const fault = diagnosisOf({ cause: 'app_misconfigured' });
    const end = NOW + HOUR_MS;
    assert.equal(settleSpared(at(), fault, end + HOUR_MS).grant.dueAt, end);
    const { grant, openOutage } = settleSpared(at({}, end), fault, end + HOUR_MS);
    assert.deepEqual([grant.state, grant.cause, grant.failures], ['failing', 'app_misconfigured', 0]);
    assert.deepEqual([openOutage?.cause, openOutage?.startedAt], ['app_misconfigured', end]);
  });
});

describe('a limited grant', () => {
  it('is degraded and goes on being renewed', () => {
    const { grant } = settleLimited(at(), diagnosisOf({ cause: 'not_provisioned' }));
    assert.deepEqual([grant.state, grant.cause], ['degraded', 'not_provisioned']);
    assert.ok(grant.renewAt !== null && grant.dueAt !== null);
  });

  it('that needed a person works again when its probe was let in, and its outage ends', () => {
    const dead = {
      state: 'expired',
      cause: 'policy_violation',
      facts: factsWith({ accessDeadAt: NOW }),
    } as const;
    const probed = settleLimited(at(dead), {
      ...diagnosisOf({ cause: 'not_provisioned' }),
      endpoint: 'probe',
    });
    assert.deepEqual([probed.grant.state, probed.closeOutageAt], ['degraded', LATER]);
    const refused = settleLimited(at(dead), {
      ...diagnosisOf({ cause: 'not_provisioned' }),
      endpoint: 'token',
    });
    assert.deepEqual([refused.grant.state, refused.grant.cause], ['expired', 'policy_violation']);
    assert.equal(refused.closeOutageAt, undefined);
  });

  it('without an access token that works is an outage', () => {
    const { openOutage, closeOutageAt } = settleLimited(
      at({}, NOW + 2 * HOUR_MS),
      diagnosisOf({ cause: 'permission_missing' }),
    );
    assert.deepEqual([openOutage?.startedAt, closeOutageAt], [NOW + HOUR_MS, undefined]);
  });

  it('is whole again by the next proof: a renewal, or a probe, of what the token endpoint refused', () => {
    const seenAt = (endpoint: 'token' | 'probe') => {
      const said = { ...diagnosisOf({ cause: 'not_provisioned' }), endpoint };
      return at({ ...settleLimited(at(), said).grant });
    };
    const alive = { verdict: 'alive' } as const;
    assert.equal(settleProven(seenAt('token'), alive).grant.state, 'active');
    assert.equal(settleProven(seenAt('probe'), alive).grant.state, 'active');
    assert.equal(settleRenewed(seenAt('token'), issuedAt(LATER), {}).grant.state, 'active');
    const renewed = settleRenewed(seenAt('probe'), issuedAt(LATER), {}).grant;
    assert.deepEqual(
      [renewed.state, renewed.dueReason, renewed.dueAt],
      ['degraded', 'probe', LATER + MINUTE_MS],
      'a renewal disproves nothing that a probe saw, so it is probed, however often it is renewed',
    );
  });
});

describe('the one door', () => {
  it('lets nothing through for what was disconnected meanwhile', () => {
    const { grant, activity } = move(at({ state: 'revoked' }), 'proven', null, null);
    assert.deepEqual([grant, activity], [grantWith({ state: 'revoked' }), []]);
  });

  it('records a change once: from what, why, and since when', () => {
    const first = move(at(), 'passing_failure', 'platform_outage', evidenceOf(OUTAGE));
    assert.deepEqual([first.grant.stateSince, first.activity.length], [LATER, 1]);
    assert.deepEqual(
      [first.activity[0]?.action, first.activity[0]?.detail.from],
      ['grant.failing', 'active'],
    );
    const again = move(
      at(first.grant, LATER + HOUR_MS),
      'passing_failure',
      'platform_outage',
      evidenceOf(OUTAGE),
    );
    assert.deepEqual([again.grant.stateSince, again.activity.length], [LATER, 0]);
    const other = move(at(first.grant, LATER + HOUR_MS), 'passing_failure', 'rate_limited', null);
    assert.deepEqual(
      [other.grant.stateSince, other.activity.length],
      [LATER, 1],
      'another cause is a change',
    );
  });
});

describe('an end that only a person can put off', () => {
  it('shows as the deadline after every outcome in which the grant lives on', () => {
    const counting = methodWith(
      cadenceOf({ renewalClock: 'from_consent', renewalLifetimeSeconds: 365 * DAY_SECONDS }),
    );
    const facts = factsWith({ renewalExpiresAt: NOW + 365 * DAY_MS });
    const before = at({ facts }, LATER, counting);
    for (const { grant } of [
      settleRenewed(before, issuedAt(LATER), {}),
      settlePassing(before, OUTAGE, false),
      settleSuspect(before, REVOKED, SUSPICION),
      settleSpared(before, OUTAGE, LATER),
    ]) {
      assert.equal(grant.deadlineAt, NOW + 365 * DAY_MS);
    }
  });
});
