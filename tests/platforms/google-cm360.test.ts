import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { secondsToPacificMidnight } from '../../src/platforms/google-cm360/checks.ts';
import { googleCm360 } from '../../src/platforms/google-cm360/index.ts';
import type { Io } from '../../src/platforms/kit/adapter.ts';
import { failure, flip, type Google, googleBench, method, signIn } from './google.support.ts';

const accounts = (bench: Google, held: Awaited<ReturnType<typeof signIn>>, io: Io = bench.io) =>
  method(bench, 'user_login').accounts(io, bench.app, held);

describe('Campaign Manager 360', () => {
  it('lists its networks with the profile that reaches them', async () => {
    const bench = googleBench(googleCm360);
    const outcome = await accounts(bench, await signIn(bench));
    assert.ok(outcome.ok);
    assert.deepEqual(
      outcome.value.map(({ id, name, status, currency, permissions }) => [
        id,
        name,
        status,
        currency,
        ...permissions,
      ]),
      [
        ['5001', 'Summer Shoes EMEA', 'active', 'EUR', 'profile 9000'],
        ['5002', 'Summer Shoes US', 'active', 'USD', 'profile 9001'],
        ['5003', 'Old Shop', 'disabled', 'GBP', 'profile 9002'],
      ],
    );
  });

  it('shows a network once, however many profiles reach it', async () => {
    const bench = googleBench(googleCm360);
    const held = await signIn(bench);
    const io: Io = {
      ...bench.io,
      send: async (request) => {
        const answer = await bench.io.send(request);
        if (answer.kind !== 'answer' || !request.url.endsWith('/userprofiles')) return answer;
        const list = JSON.parse(answer.body);
        const twin = { ...list.items[0], profileId: '9900' };
        const below = { ...list.items[0], profileId: '9000', subAccountId: '61', subAccountName: 'Nordics' };
        return { ...answer, body: JSON.stringify({ ...list, items: [list.items[0], twin, below] }) };
      },
    };
    const outcome = await accounts(bench, held, io);
    assert.ok(outcome.ok);
    assert.deepEqual(
      outcome.value.map(({ id, name, permissions }) => [id, name, ...permissions]),
      [
        ['5001', 'Summer Shoes EMEA', 'profile 9000', 'profile 9900'],
        ['5001-61', 'Summer Shoes EMEA / Nordics', 'profile 9000'],
      ],
    );
  });

  it('keeps a network in the list whose details the profile may not see', async () => {
    const bench = googleBench(googleCm360);
    const held = await signIn(bench);
    flip(bench, 'role_removed', { identity: held.identity!.id });
    const outcome = await accounts(bench, held);
    assert.ok(outcome.ok);
    assert.deepEqual(
      outcome.value.map((account) => account.status),
      ['unknown', 'unknown', 'unknown'],
    );
  });

  it('calls an identity without a profile not provisioned, by an empty list or by a refusal', async () => {
    for (const how of ['no_access_empty', 'no_access_refused']) {
      const bench = googleBench(googleCm360);
      const held = await signIn(bench);
      flip(bench, how, { identity: held.identity!.id });
      const diagnosis = failure(bench, await accounts(bench, held));
      assert.ok([diagnosis.cause, ...diagnosis.acceptableOthers].includes('not_provisioned'), how);
      assert.equal(diagnosis.reach, 'part_of_grant');
      assert.equal((await method(bench, 'user_login').probe(bench.io, bench.app, held)).verdict, 'alive');
    }
  });

  it('never takes a used-up allowance for a lost permission, though both are 403', async () => {
    const bench = googleBench(googleCm360);
    const held = await signIn(bench);
    flip(bench, 'quota');
    const outcome = await accounts(bench, held);
    const diagnosis = failure(bench, outcome);
    assert.deepEqual(
      [diagnosis.status, diagnosis.cause, diagnosis.permanent],
      [403, 'quota_exceeded', false],
    );
  });

  it('waits for midnight in Los Angeles, in summer and in winter', () => {
    assert.equal(secondsToPacificMidnight(Date.parse('2026-11-22T07:59:00Z')), 60);
    assert.equal(secondsToPacificMidnight(Date.parse('2026-11-22T08:00:00Z')), 24 * 3600);
    assert.equal(secondsToPacificMidnight(Date.parse('2026-07-01T06:59:30Z')), 30);
  });
});
