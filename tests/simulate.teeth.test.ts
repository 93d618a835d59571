import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY_MS, HOUR_MS } from '../src/core/instant.ts';
import type { Simulator } from '../src/platforms/kit/simulator.ts';
import type { CheckerFactory, SeenGrant, SeenWrite } from '../src/simulator/world/checker.ts';
import { l1InTime } from '../src/simulator/world/checkers/l1InTime.ts';
import { l4Recovery } from '../src/simulator/world/checkers/l4Recovery.ts';
import { s2NeverOlder } from '../src/simulator/world/checkers/s2NeverOlder.ts';
import { s4NothingDeleted } from '../src/simulator/world/checkers/s4NothingDeleted.ts';
import { s5NoSecretOut } from '../src/simulator/world/checkers/s5NoSecretOut.ts';
import { s6NotWithheld } from '../src/simulator/world/checkers/s6NotWithheld.ts';
import { s7AppFault } from '../src/simulator/world/checkers/s7AppFault.ts';
import { Hindrances } from '../src/simulator/world/hindrances.ts';
import { Liar } from '../src/simulator/world/liar.ts';
import type { SeenCall } from '../src/simulator/world/network.ts';
import { Truths } from '../src/simulator/world/truths.ts';
import { judgeVerdict, noVerdicts } from '../src/simulator/world/verdicts.ts';
import type { GrantRecord } from '../src/store/records.ts';
import type { ConnectionView } from '../src/store/store.ts';
import { grantWith } from './support/records.ts';

const NOW = 100 * DAY_MS;
const SIMULATOR = { losses: 'losses', people: [] } as unknown as Liar;

/** One checker, what it has said, and what it knows of the world. */
function watching(factory: CheckerFactory) {
  const said: string[] = [];
  const counts = { judged: 0 };
  const outages = new Hindrances();
  const truths = new Truths();
  const checker = factory({
    now: () => NOW,
    hindrances: outages,
    outages,
    truths,
    inTheWayOf: (simulator) => [simulator],
    inTheWayOfLooks: (simulator) => [simulator],
    report: (text) => said.push(text),
    judged: () => {
      counts.judged += 1;
    },
  });
  return { checker, said, outages, truths, counts };
}

type Changed = Partial<Omit<GrantRecord, 'facts'>> & { readonly facts?: Partial<GrantRecord['facts']> };

function grantLike({ facts, ...change }: Changed = {}): GrantRecord {
  const grant = grantWith();
  return { ...grant, state: 'active', ...change, facts: { ...grant.facts, ...facts } };
}

const seenLike = (grant: GrantRecord, seen: Partial<SeenGrant> = {}): SeenGrant =>
  ({ grant, simulator: SIMULATOR, lives: true, takes: true, secrets: {}, ...seen }) as SeenGrant;

const writeLike = (
  before: GrantRecord,
  after: GrantRecord,
  activity: SeenWrite['activity'] = [],
): SeenWrite => ({
  at: NOW,
  before,
  after,
  activity,
  simulator: SIMULATOR,
});

const hourly = { issuedAt: NOW - 2 * HOUR_MS, accessExpiresAt: NOW - HOUR_MS };

test('L1 minds a token that was renewed after its end, though no audit ever saw it ended', () => {
  const renewedLate = (hindered: boolean) => {
    const { checker, said, outages } = watching(l1InTime);
    if (hindered) outages.add(SIMULATOR, NOW - 3 * HOUR_MS, NOW - HOUR_MS);
    const before = grantLike({ credentialVersion: 1, facts: hourly });
    checker.onWrite?.(writeLike(before, { ...before, credentialVersion: 2 }));
    return said.length;
  };
  assert.deepEqual([renewedLate(false), renewedLate(true)], [1, 0]);
});

describe('L4', () => {
  const after = (grant: GrantRecord) => {
    const { checker, said, outages, counts } = watching(l4Recovery);
    outages.add(SIMULATOR, NOW - 8 * HOUR_MS, NOW - 6 * HOUR_MS);
    checker.onAudit?.([seenLike(grant)], []);
    return [said.length, counts.judged];
  };

  test('minds what is not renewed five hours after an outage, though its token has not ended', () => {
    const facts = { renewable: true, accessExpiresAt: NOW + 9 * DAY_MS };
    assert.deepEqual(after(grantLike({ renewAt: NOW - 7 * HOUR_MS, facts })), [1, 1]);
    assert.deepEqual(after(grantLike({ renewAt: NOW + HOUR_MS, facts })), [0, 1]);
  });

  test('minds a token that has ended', () => {
    const facts = { renewable: true, accessExpiresAt: NOW - 7 * HOUR_MS };
    assert.deepEqual(after(grantLike({ renewAt: null, facts })), [1, 1]);
  });
});

test('S2 minds an older refresh token under a newer access token', () => {
  const { checker, said } = watching(s2NeverOlder);
  for (const number of [1, 2]) {
    const body = JSON.stringify({ access_token: `access-${number}`, refresh_token: `refresh-${number}` });
    checker.onCall?.({ said: { status: 200, body }, request: { endpoint: 'token' } } as unknown as SeenCall);
  }
  const audit = (refresh: number) =>
    checker.onAudit?.(
      [seenLike(grantLike(), { secrets: { access_token: 'access-2', refresh_token: `refresh-${refresh}` } })],
      [],
    );
  audit(2);
  assert.deepEqual(said, []);
  audit(1);
  assert.match(said.join(), /refresh token was replaced by an older one/);
});

test('S4 minds a secret that was emptied, and a connection that is gone', () => {
  const { checker, said } = watching(s4NothingDeleted);
  const connection = { connection: { id: 'con_1', clientId: 'cli_1' } } as unknown as ConnectionView;
  checker.onAudit?.([seenLike(grantLike(), { secrets: { refresh_token: 'kept' } })], [connection]);
  assert.deepEqual(said, []);
  checker.onAudit?.([seenLike(grantLike(), { secrets: { refresh_token: '' } })], []);
  assert.deepEqual(said.sort(), ['A connection is gone.', 'Its refresh_token is gone.']);
});

describe('S5', () => {
  const token = `Atza|IQEB${'x7Kq'.repeat(30)}`;
  const knowing = () => {
    const watched = watching(s5NoSecretOut);
    watched.checker.onAudit?.([seenLike(grantLike(), { secrets: { access_token: token } })], []);
    return watched;
  };

  test('knows a token in two parts by the one that tells', () => {
    const { checker, said } = knowing();
    checker.onLine?.(`A line with ${token} in it`);
    assert.match(said.join(), /log line/);
  });

  test('looks into what is answered over HTTP, but for the answer that hands a token out', () => {
    const { checker, said } = knowing();
    checker.onAnswer?.({
      path: '/v1/connections/con_1/token',
      text: JSON.stringify({ access_token: token }),
    });
    assert.deepEqual(said, []);
    checker.onAnswer?.({ path: '/v1/connections/con_1', text: JSON.stringify({ oops: token }) });
    assert.match(said.join(), /HTTP answer/);
  });
});

describe('S6', () => {
  const grant = grantLike({ state: 'expired', facts: { accessExpiresAt: NOW + HOUR_MS } });
  const withheld = (seen: SeenGrant, watched = watching(s6NotWithheld)) => {
    watched.checker.onRead?.({ at: NOW, seen, handedOut: false, problem: 'reauthorization_required' });
    return watched.said.length;
  };

  test('minds a token that the platform takes, though what renews it is dead', () => {
    assert.equal(withheld(seenLike(grant, { lives: false })), 1);
  });

  test('asks for nothing that the platform does not take, or has not taken when it was given up', () => {
    assert.equal(withheld(seenLike(grant, { takes: false })), 0);
    const watched = watching(s6NotWithheld);
    watched.checker.onVerdict?.(writeLike(grant, grant), seenLike(grant, { takes: false }));
    assert.equal(withheld(seenLike(grant), watched), 0);
  });
});

describe('S7', () => {
  const marked = (truly: readonly ('app_fault' | 'transient')[]) => {
    const { checker, said, truths } = watching(s7AppFault);
    for (const meaning of truly) truths.add(meaning, SIMULATOR, NOW - HOUR_MS, NOW + HOUR_MS);
    const before = grantLike();
    const after = { ...before, state: 'suspect', cause: 'revoked_by_user' } as const;
    checker.onVerdict?.(writeLike(before, after), seenLike(before));
    return said.length;
  };

  test('minds a grant that is suspected while only its app is at fault, whatever is said to be the cause', () => {
    assert.deepEqual([marked(['app_fault']), marked(['app_fault', 'transient']), marked([])], [1, 0, 0]);
  });
});

test('What is the matter with one person is true of their grants alone, also under another id', () => {
  const ida = { id: 'ida', name: 'Ida', email: 'ida@example.com', knownAs: ['ida:by-login'] };
  const bo = { id: 'bo', name: 'Bo', email: 'bo@example.com' };
  const simulator = new Liar({ people: [ida, bo] } as unknown as Simulator);
  const truths = new Truths();
  truths.add('person_needed', simulator, NOW - HOUR_MS, NOW, ida);
  const trueOf = (id: string) =>
    truths.between(
      seenLike(grantLike({ identity: { id, kind: 'person', name: null, email: null } }), { simulator }),
      NOW - HOUR_MS,
      NOW,
    ).size;
  assert.deepEqual([trueOf('ida'), trueOf('ida:by-login'), trueOf('bo'), trueOf('nobody')], [1, 1, 0, 0]);
});

test('Verdicts are counted by meaning against what the platform knows; a suspicion is none yet', () => {
  const tallies = noVerdicts();
  const truths = new Truths();
  const before = grantLike();
  const told = (meaning: string, seen: Partial<SeenGrant>, state: GrantRecord['state'] = 'failing') => {
    const row = { action: 'grant.attempt_failed', detail: { meaning } };
    const write = writeLike(before, { ...before, state }, [row] as unknown as SeenWrite['activity']);
    judgeVerdict(tallies, truths, write, seenLike(before, seen));
  };
  told('person_needed', { lives: false }, 'expired');
  told('person_needed', {}, 'expired');
  told('transient', { lives: false });
  told('person_needed', {}, 'suspect');
  truths.add('app_fault', SIMULATOR, NOW - HOUR_MS, NOW + HOUR_MS);
  told('app_fault', {});
  assert.deepEqual(tallies.person_needed, { told: 2, right: 1, truly: 2, found: 1 });
  assert.deepEqual(tallies.transient, { told: 1, right: 0, truly: 0, found: 0 });
  assert.deepEqual(tallies.app_fault, { told: 1, right: 1, truly: 1, found: 1 });
});
