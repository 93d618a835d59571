import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { googleDv360 } from '../../src/platforms/google-dv360/index.ts';
import {
  call,
  enterKey,
  failure,
  flip,
  type Google,
  googleBench,
  method,
  read,
  received,
  signIn,
} from './google.support.ts';

const accounts = (bench: Google, held: Awaited<ReturnType<typeof signIn>>) =>
  method(bench, 'user_login').accounts(bench.io, bench.app, held);

describe('Display & Video 360', () => {
  it('lists advertisers partner by partner, page by page', async () => {
    const bench = googleBench(googleDv360);
    const outcome = await accounts(bench, await signIn(bench));
    assert.ok(outcome.ok);
    assert.deepEqual(
      outcome.value.map(({ id, status, currency, permissions }) => [id, status, currency, ...permissions]),
      [
        ['7101', 'active', 'EUR', 'partner 11'],
        ['7102', 'limited', 'GBP', 'partner 11'],
        ['7103', 'closed', 'EUR', 'partner 11'],
        ['7201', 'active', 'USD', 'partner 12'],
        ['7301', 'closed', 'CHF', 'partner 13'],
      ],
    );
    assert.ok(bench.sent.filter((request) => request.url.includes('pageToken=')).length >= 2);
  });

  it('leaves out a partner that refuses, and fails where all do', async () => {
    const bench = googleBench(googleDv360);
    const many = await signIn(bench);
    flip(bench, 'role_removed', { identity: many.identity!.id });
    const outcome = await accounts(bench, many);
    assert.ok(outcome.ok);
    assert.deepEqual(
      outcome.value.map((account) => account.id),
      ['7201', '7301'],
    );
    const one = await signIn(bench, { person: bench.google.people[3]!.id });
    flip(bench, 'role_removed', { identity: one.identity!.id });
    assert.equal(failure(bench, await accounts(bench, one)).cause, 'account_access_removed');
  });

  it('calls an identity without a role not provisioned, by an empty answer or by a refusal', async () => {
    for (const how of ['no_access_empty', 'no_access_refused']) {
      const bench = googleBench(googleDv360);
      const held = await signIn(bench);
      flip(bench, how, { identity: held.identity!.id });
      const diagnosis = failure(bench, await accounts(bench, held));
      assert.ok([diagnosis.cause, ...diagnosis.acceptableOthers].includes('not_provisioned'), how);
      assert.equal(diagnosis.who, 'account_admin');
    }
  });

  it('takes a service account as itself, without delegation', async () => {
    const bench = googleBench(googleDv360);
    const held = await enterKey(bench);
    assert.equal(held.facts.extra.subject, null);
    const outcome = await method(bench, 'service_account').accounts(bench.io, bench.app, held);
    assert.ok(outcome.ok && outcome.value.length > 0);
  });

  it('does not take the refusal of user management for a broken token', async () => {
    const bench = googleBench(googleDv360);
    const held = await signIn(bench);
    const headers = { authorization: `Bearer ${held.secrets.access_token}` };
    const answer = call(bench, 'https://displayvideo.googleapis.com/v4/users', { method: 'GET', headers });
    const diagnosis = read(bench, received('api', answer), held.facts);
    assert.equal(answer.status, 403);
    assert.equal(diagnosis.reach, 'part_of_grant');
  });
});
