import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { openStore } from '../src/store/open.ts';
import type { GrantRecord } from '../src/store/records.ts';
import type { ClaimedGrant, GrantOutcome, Store } from '../src/store/store.ts';
import { freshPostgresUrl, onEveryStore } from './support/database.ts';
import { aConnection, aGrant, anActivity, anApp, furnish, START_AT } from './support/databaseRecords.ts';
import { until } from './support/until.ts';

const MINUTE = 60_000;

function claimBy(owner: string, now = START_AT, limit = 10) {
  return { now, owner, leaseMs: MINUTE, limit };
}

function ids(records: readonly { readonly id: string }[]): string[] {
  return records.map((record) => record.id);
}

async function claimed(store: Store, owner: string, now = START_AT): Promise<ClaimedGrant> {
  const [grant] = await store.claimDue(claimBy(owner, now));
  assert.ok(grant);
  return grant;
}

function renewed(grant: ClaimedGrant, changes: Partial<GrantOutcome> = {}): GrantOutcome {
  const later = START_AT + 60 * MINUTE;
  const next = {
    ...grant,
    credentialVersion: grant.credentialVersion + 1,
    dueAt: later,
    secrets: { access_token: 'v1.new' },
  };
  return { grant: next, activity: [anActivity()], ...changes };
}

onEveryStore('Claims', (open) => {
  test('take what is due, hold it for the lease, and raise the epoch', async () => {
    const store = await open();
    await furnish(store);
    await store.insertGrant(aGrant({ id: 'gr_later', dueAt: START_AT + 1 }));
    await store.insertGrant(aGrant({ id: 'gr_never', dueAt: null }));
    const grants = await store.claimDue(claimBy('one'));
    const lease = { leaseOwner: 'one', leaseUntil: START_AT + MINUTE, epoch: 1, previousOwner: null };
    assert.deepEqual(grants, [{ ...aGrant(), ...lease }]);
    assert.deepEqual(await store.claimDue(claimBy('two', START_AT)), []);
  });

  test('take urgent grants first, then by due time, and no more than asked for', async () => {
    const store = await open();
    await furnish(store, 'ws_one', { dueAt: START_AT - 1 });
    await store.insertGrant(aGrant({ id: 'gr_oldest', dueAt: START_AT - 9 }));
    await store.insertGrant(aGrant({ id: 'gr_urgent', dueAt: START_AT, urgentAt: START_AT }));
    await store.insertGrant(aGrant({ id: 'gr_not_yet_urgent', dueAt: START_AT, urgentAt: START_AT + 1 }));
    assert.deepEqual(ids(await store.claimDue(claimBy('one', START_AT, 2))), ['gr_urgent', 'gr_oldest']);
    assert.deepEqual(ids(await store.claimDue(claimBy('two', START_AT, 2))), ['gr_one', 'gr_not_yet_urgent']);
  });

  test('leave out the platforms that are to be passed over, urgent or not', async () => {
    const store = await open();
    await furnish(store);
    await store.insertGrant(aGrant({ id: 'gr_urgent', urgentAt: START_AT }));
    const { environment, platform } = aGrant();
    const exceptPlatforms = [`${environment} ${platform}`];
    assert.deepEqual(await store.claimDue({ ...claimBy('one'), exceptPlatforms }), []);
    assert.equal((await store.claimDue({ ...claimBy('two'), exceptPlatforms: ['live other'] })).length, 2);
  });

  test('leave alone the grants of an app whose breaker is open, unless they are urgent', async () => {
    const store = await open();
    await furnish(store);
    await store.insertApp(anApp({ id: 'app_ill' }));
    await store.insertGrant(aGrant({ id: 'gr_ill', appId: 'app_ill' }));
    await store.insertGrant(aGrant({ id: 'gr_ill_urgent', appId: 'app_ill', urgentAt: START_AT }));
    const breaker = {
      failures: 3,
      openUntil: START_AT + MINUTE,
      since: START_AT,
      cause: 'app_disabled',
      check: 'x',
    } as const;
    await store.setBreaker('ws_one', 'app_ill', breaker);
    assert.deepEqual(ids(await store.claimDue(claimBy('one'))), ['gr_ill_urgent', 'gr_one']);
    assert.equal(await store.nextDueAt(), START_AT + MINUTE);
    assert.deepEqual(ids(await store.claimDue(claimBy('one', START_AT + MINUTE))).includes('gr_ill'), true);
  });

  test('of one grant by its id take it due or not, but not from another holder', async () => {
    const store = await open();
    await furnish(store, 'ws_one', { dueAt: null });
    const claim = { now: START_AT, owner: 'one', leaseMs: MINUTE };
    assert.equal((await store.claimGrant('ws_one', 'gr_one', claim))?.epoch, 1);
    assert.equal(await store.claimGrant('ws_one', 'gr_one', { ...claim, owner: 'two' }), null);
    const late = { ...claim, owner: 'two', now: START_AT + MINUTE };
    assert.equal((await store.claimGrant('ws_one', 'gr_one', late))?.previousOwner, 'one');
  });

  test('can be given back, keeping the due time or with another', async () => {
    const store = await open();
    await furnish(store);
    await store.releaseGrants([await claimed(store, 'one')], null);
    const again = await claimed(store, 'two');
    assert.equal(again.previousOwner, null);
    await store.releaseGrants([again], START_AT + 5);
    assert.equal(await store.nextDueAt(), START_AT + 5);
    assert.deepEqual(await store.claimDue(claimBy('three')), []);
  });

  test('a lapsed lease is taken over, and the next wake-up reckons with it', async () => {
    const store = await open();
    await furnish(store);
    assert.equal(await store.nextDueAt(), START_AT);
    const first = await claimed(store, 'one');
    assert.equal(await store.nextDueAt(), START_AT + MINUTE);
    const second = await claimed(store, 'two', START_AT + MINUTE);
    assert.equal(second.previousOwner, 'one');
    assert.equal(second.epoch, first.epoch + 1);
    await store.releaseGrants([first], START_AT); // too late: nothing happens
    assert.equal((await store.getGrant('ws_one', 'gr_one'))?.leaseOwner, 'two');
  });
});

onEveryStore('Outcomes', (open) => {
  test('are written whole and release the lease', async () => {
    const store = await open();
    await furnish(store);
    const grant = await claimed(store, 'one');
    const outcome = renewed(grant);
    assert.deepEqual(await store.applyOutcomes([outcome]), [true]);
    const { previousOwner: _, ...expected } = {
      ...outcome.grant,
      leaseOwner: null,
      leaseUntil: null,
    } as ClaimedGrant;
    assert.deepEqual(await store.getGrant('ws_one', 'gr_one'), expected);
    assert.equal((await store.listActivity('ws_one', {}, { limit: 9, beforeSeq: null })).length, 1);
  });

  test('that tell what was claimed change what differs from it, whatever that is', async () => {
    const store = await open();
    await furnish(store);
    await store.insertGrant(aGrant({ id: 'gr_two' }));
    const changes: readonly Partial<GrantRecord>[] = [
      {},
      { state: 'degraded', cause: 'permission_missing', stateSince: START_AT + 7 },
      { facts: { ...aGrant({}).facts, issuedAt: START_AT + 8 }, secrets: { access_token: 'v1.other' } },
      { identity: { id: 'p2', kind: 'person', name: null, email: null }, method: 'other', failures: 3 },
      { renewAt: START_AT + 9, deadlineAt: START_AT + 10, remindAt: START_AT + 11, urgentAt: START_AT - 1 },
      { reminded: [{ kind: 'consent', endsAt: 5, daysBefore: 7, sentAt: 6 }], dueReason: 'probe' },
      { credentialVersion: 9, lastAttemptAt: START_AT + 12, identity: null, urgentAt: null },
    ];
    for (const [index, change] of changes.entries()) {
      const [one, two] = await store.claimDue(claimBy('one', START_AT + index));
      assert.ok(one && two);
      const next = { ...one, ...change };
      const outcomes = [
        { grant: next, claimed: one, activity: [] },
        { grant: two, claimed: two, activity: [] },
      ];
      assert.deepEqual(await store.applyOutcomes(outcomes), [true, true]);
      for (const { previousOwner: _, ...expected } of [next, two]) {
        const released = { ...expected, leaseOwner: null, leaseUntil: null };
        assert.deepEqual(await store.getGrant(expected.workspaceId, expected.id), released);
      }
      assert.deepEqual(await store.applyOutcomes(outcomes), [false, false]);
    }
  });

  test('of a claim that no longer stands change nothing at all', async () => {
    const store = await open();
    await furnish(store);
    await store.insertGrant(aGrant({ id: 'gr_two', dueAt: START_AT + 1 }));
    const [stale] = await store.claimDue(claimBy('slow'));
    const [fresh, other] = await store.claimDue(claimBy('quick', START_AT + MINUTE));
    assert.ok(stale && fresh && other);
    const openOutage = {
      cause: 'revoked_by_user',
      startedAt: START_AT,
      startEvidence: 'x',
      noticedAt: START_AT,
    } as const;
    const before = await store.getGrant('ws_one', 'gr_one');
    const outcomes = [renewed(stale, { openOutage }), renewed(other, { activity: [] })];
    assert.deepEqual(await store.applyOutcomes(outcomes), [false, true]);
    assert.deepEqual(await store.getGrant('ws_one', 'gr_one'), before);
    assert.deepEqual(await store.listActivity('ws_one', {}, { limit: 9, beforeSeq: null }), []);
    assert.deepEqual(await store.listOutages('ws_one', {}, { limit: 9, after: null }), []);
    assert.deepEqual(await store.applyOutcomes([renewed(fresh)]), [true]);
  });

  test('written a second time, or twice in one batch, count once', async () => {
    const store = await open();
    await furnish(store);
    const grant = await claimed(store, 'one');
    assert.deepEqual(await store.applyOutcomes([renewed(grant), renewed(grant)]), [true, false]);
    assert.deepEqual(await store.applyOutcomes([renewed(grant)]), [false]);
    assert.equal((await store.listActivity('ws_one', {}, { limit: 9, beforeSeq: null })).length, 1);
  });

  test('open one outage for each connected connection and end them all', async () => {
    const store = await open();
    await furnish(store);
    await store.insertConnection(aConnection({ id: 'co_two' }));
    await store.insertConnection(
      aConnection({ id: 'co_gone', status: 'disconnected', disconnectedAt: START_AT }),
    );
    const openOutage = {
      cause: 'password_changed',
      startedAt: START_AT - 5,
      startEvidence: 'last_proof',
      noticedAt: START_AT,
    } as const;
    const lost = (grant: ClaimedGrant) => renewed({ ...grant, dueAt: START_AT }, { openOutage });
    const dueAgain = (outcome: GrantOutcome) => ({
      ...outcome,
      grant: { ...outcome.grant, dueAt: START_AT },
    });
    await store.applyOutcomes([dueAgain(lost(await claimed(store, 'one')))]);
    await store.applyOutcomes([dueAgain(lost(await claimed(store, 'two')))]);
    const open2 = await store.listOutages('ws_one', { open: true }, { limit: 9, after: null });
    assert.deepEqual(open2.map((outage) => outage.connectionId).sort(), ['co_one', 'co_two']);
    const { id: _id, connectionId: _connection, ...told } = open2[0] ?? assert.fail();
    const { startedAt, noticedAt, cause, startEvidence } = openOutage;
    const expected = {
      workspaceId: 'ws_one',
      grantId: 'gr_one',
      startedAt,
      noticedAt,
      cause,
      startEvidence,
      endedAt: null,
    };
    assert.deepEqual(told, expected);
    await store.applyOutcomes([renewed(await claimed(store, 'three'), { closeOutageAt: START_AT + 8 })]);
    assert.deepEqual(await store.listOutages('ws_one', { open: true }, { limit: 9, after: null }), []);
    const ended = await store.listOutages('ws_one', { connectionId: 'co_two' }, { limit: 9, after: null });
    assert.deepEqual(
      ended.map((outage) => outage.endedAt),
      [START_AT + 8],
    );
  });

  test('one under an older claim does not stand in the way of the one that counts', async () => {
    const store = await open();
    await furnish(store);
    const older = await claimed(store, 'one');
    const newer = await claimed(store, 'two', START_AT + 2 * MINUTE);
    assert.deepEqual(await store.applyOutcomes([renewed(older), renewed(newer)]), [false, true]);
  });

  test('a batch of which one cannot be written is not written at all', async () => {
    const store = await open();
    await furnish(store);
    await store.insertGrant(aGrant({ id: 'gr_two' }));
    const [one, two] = await store.claimDue(claimBy('one'));
    assert.ok(one && two);
    const impossible = renewed({ ...two, appId: 'none' });
    await assert.rejects(store.applyOutcomes([renewed(one), impossible]), { name: 'ConflictError' });
    assert.equal((await store.getGrant('ws_one', one.id))?.credentialVersion, 1);
    assert.deepEqual(await store.applyOutcomes([renewed(one)]), [true]);
  });
});

test('an outcome that changes nothing of the wide row does not write it', async () => {
  const url = await freshPostgresUrl();
  const store = await openStore({ databaseUrl: url });
  await furnish(store);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const version = async () => (await client.query('select xmin::text from grant_records')).rows[0].xmin;
  const before = await version();
  const grant = await claimed(store, 'one');
  const outcome = { grant: { ...grant, dueAt: START_AT + MINUTE }, claimed: grant, activity: [] };
  assert.deepEqual(await store.applyOutcomes([outcome]), [true]);
  assert.equal(await version(), before);
  assert.equal((await store.getGrant('ws_one', grant.id))?.dueAt, START_AT + MINUTE);
  await client.end();
  await store.close();
});

test('many claimers on many connections take each grant exactly once', async () => {
  const url = await freshPostgresUrl();
  const stores = await Promise.all([1, 2, 3].map(() => openStore({ databaseUrl: url, poolSize: 4 })));
  const [store] = stores as [Store];
  await furnish(store);
  const others = Array.from({ length: 199 }, (_, number) =>
    aGrant({ id: `gr_${number}`, urgentAt: number % 3 ? null : START_AT }),
  );
  await store.transaction(async (inside) => {
    for (const grant of others) await inside.insertGrant(grant);
  });
  const claimer = async (name: string, from: Store): Promise<ClaimedGrant[]> => {
    const grants = await from.claimDue(claimBy(name, START_AT, 7));
    return grants.length === 0 ? [] : [...grants, ...(await claimer(name, from))];
  };
  const taken = (
    await Promise.all(stores.flatMap((from, i) => [0, 1, 2, 3].map((j) => claimer(`${i}/${j}`, from))))
  ).flat();
  assert.equal(new Set(ids(taken)).size, taken.length);
  assert.deepEqual(
    taken.map((grant) => grant.epoch).filter((epoch) => epoch !== 1),
    [],
  );
  // A row that is locked for an instant may be passed over by everybody: it is still there for the next round.
  const rest = await store.claimDue(claimBy('last', START_AT, 500));
  assert.equal(taken.length + rest.length, 200);
  const outcomes = await Promise.all(
    stores.map((from) => from.applyOutcomes(taken.map((grant) => renewed(grant)))),
  );
  assert.equal(outcomes.flat().filter(Boolean).length, taken.length);
  assert.equal(await store.verifyActivity('ws_one'), null);
  await Promise.all(stores.map((each) => each.close()));
});

test('a claim that waits for an outcome which is being written takes the grant as that outcome leaves it', async () => {
  const url = await freshPostgresUrl();
  const [writer, taker] = await Promise.all([1, 2].map(() => openStore({ databaseUrl: url })));
  assert.ok(writer && taker);
  await furnish(writer);
  const slow = await claimed(writer, 'slow');
  const watch = new pg.Client({ connectionString: url });
  await watch.connect();
  const isWaiting = async (): Promise<boolean> => {
    const { rows } = await watch.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return rows.length > 0;
  };
  const taking = await writer.transaction(async (inside) => {
    assert.deepEqual(await inside.applyOutcomes([renewed(slow)]), [true]);
    // The lease has run out by now, so that this claim may take the grant: once it can.
    const taken = taker.claimGrant('ws_one', 'gr_one', claimBy('next', START_AT + MINUTE));
    await until('the claim waits for the outcome', isWaiting);
    return { taken };
  });
  const taken = await taking.taken;
  assert.equal(taken?.credentialVersion, slow.credentialVersion + 1);
  assert.deepEqual(taken.secrets, { access_token: 'v1.new' });
  assert.equal(taken.previousOwner, null);
  await Promise.all([writer.close(), taker.close(), watch.end()]);
});
