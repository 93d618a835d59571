import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { House } from '../src/app/context.ts';
import { listDeadlines } from '../src/app/readHistory.ts';
import { remindOfDeadlines } from '../src/app/remindOfDeadlines.ts';
import { type GrantOutcome, type Store, StoreUnavailableError } from '../src/store/store.ts';
import { connectOne, type TestHouse } from './support/house.ts';
import { connected, DAY, grantOf, HOUR, MINUTE, secretsOf, variant, withHouse } from './support/keeping.ts';

/** A grant whose refresh token ends 365 days after the consent, so many days before that end. */
async function yearly(test: TestHouse, daysBefore: number) {
  const made = await connected(test, 'linkedin', 'user_login');
  await toDaysBefore(test, made.grantId, daysBefore);
  return made;
}

/** Moves the clock to a minute after that, and lets the keeper do what is due by then. */
async function toDaysBefore(test: TestHouse, grantId: string, days: number): Promise<void> {
  const { facts } = await grantOf(test, grantId);
  test.clock.advance(facts.renewalExpiresAt! - days * DAY + MINUTE - test.clock.now());
  await test.keep();
}

const remind = async (house: House): Promise<number> => (await remindOfDeadlines(house)).sent;

async function reminders(test: TestHouse, subject: string) {
  const filter = { subject, action: 'deadline.reminded' };
  const rows = await test.house.store.listActivity(test.ctx.workspaceId, filter, {
    limit: 100,
    beforeSeq: null,
  });
  return rows.toReversed();
}

async function daysReminded(test: TestHouse, subject: string): Promise<readonly unknown[]> {
  return (await reminders(test, subject)).map(({ detail }) => detail.days_before);
}

const over = (test: TestHouse, nodeId: string, store: Partial<Store> = {}): House =>
  variant(test, { nodeId, store: { ...test.house.store, ...store } }).house;

describe('A deadline that only a person can put off', () => {
  it('is reminded of with what ends, when, who can act and how, in the log and in the list of deadlines', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await yearly(test, 30);
      const before = (await listDeadlines(test.ctx, 60))[0]!;
      assert.equal(before.last_reminded_at, null);
      assert.equal(Date.parse(before.next_reminder_at!), Date.parse(before.at) - 30 * DAY);
      assert.equal(await remind(test.house), 1);
      const [row] = await reminders(test, connectionId);
      assert.deepEqual(row?.subjects, [grantId, connectionId]);
      const { link, remedy, ...said } = row!.detail;
      assert.deepEqual(said, {
        platform: 'linkedin',
        kind: 'renewal_credential',
        at: before.at,
        days_left: 29,
        days_before: 30,
        ends_grant: true,
        who: 'authorizing_user',
      });
      assert.match(String(remedy), /Reconnect/);
      assert.ok(String(link).includes(connectionId));
      const after = (await listDeadlines(test.ctx, 60))[0]!;
      assert.equal(Date.parse(after.last_reminded_at!), test.clock.now());
      assert.equal(Date.parse(after.next_reminder_at!), Date.parse(after.at) - 14 * DAY);
      assert.equal(
        test.logged.filter(({ message }) => message.startsWith('A deadline comes nearer')).length,
        1,
      );
      assert.equal(await remind(test.house), 0);
    }));

  it('is reminded of once by two processes that look at the same moment, and by none that was behind', () =>
    withHouse(async (test) => {
      const { grantId } = await yearly(test, 14);
      const others = ['node-2', 'node-3', 'node-4'].map((name) => over(test, name));
      const sent = await Promise.all([test.house, ...others].map(remind));
      assert.deepEqual(sent.toSorted(), [0, 0, 0, 1]);
      test.clock.advance(2 * HOUR);
      await Promise.all(others.map(remind));
      assert.deepEqual(await daysReminded(test, grantId), [14]);
    }));

  it('is reminded of once though a process was killed over it, and the renewals go on', () =>
    withHouse(async (test) => {
      const { grantId } = await yearly(test, 7);
      const killed = over(test, 'node-2', { applyOutcomes: () => new Promise(() => undefined) });
      void remind(killed);
      while ((await grantOf(test, grantId)).leaseOwner === null) await new Promise(setImmediate);
      assert.equal(await remind(test.house), 0, 'it is held');
      test.clock.advance(2 * MINUTE);
      assert.equal(await remind(test.house), 1);
      const grant = await grantOf(test, grantId);
      assert.equal(grant.facts.unknownOutcomeAt, null, 'who reminds calls no platform');
      assert.deepEqual(await daysReminded(test, grantId), [7]);
    }));

  it('is reminded of once though the database lost its answer, and later though it was away', () =>
    withHouse(async (test) => {
      const { grantId } = await yearly(test, 14);
      const lossy = over(test, 'node-2', {
        applyOutcomes: async (outcomes) => {
          await test.house.store.applyOutcomes(outcomes);
          throw new StoreUnavailableError('It committed, and its answer was lost.');
        },
      });
      assert.equal(await remind(lossy), 0);
      assert.equal(await remind(test.house), 0);
      assert.deepEqual(await daysReminded(test, grantId), [14]);
      const away = over(test, 'node-2', {
        claimReminders: () => Promise.reject(new StoreUnavailableError('It is away.')),
      });
      await toDaysBefore(test, grantId, 2);
      await assert.rejects(remind(away), StoreUnavailableError);
      assert.equal(await remind(test.house), 1);
      assert.deepEqual(await daysReminded(test, grantId), [14, 3], 'the one of 7 days was overtaken');
    }));

  it('starts anew once a person has put it off, and renewals do not touch what was sent', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await yearly(test, 14);
      await remind(test.house);
      test.clock.advance(3 * DAY);
      await test.keep();
      assert.equal(await remind(test.house), 0, 'the same deadline, after more renewals');
      await connectOne(test, { connectionId });
      assert.equal(await remind(test.house), 0, 'it is a year away');
      const [deadline] = await listDeadlines(test.ctx, 400);
      assert.equal(deadline?.last_reminded_at, null);
      await toDaysBefore(test, grantId, 30);
      await remind(test.house);
      assert.deepEqual(await daysReminded(test, grantId), [14, 30]);
    }));

  it('sends nothing once it has come, nor for a grant that needs a person already', () =>
    withHouse(async (test) => {
      const dead = await yearly(test, 31);
      await test.control('POST', 'linkedin/break', { how: 'revoked_by_user' });
      test.clock.advance(2 * DAY);
      await test.keep();
      test.clock.advance(HOUR);
      await test.keep();
      assert.equal((await grantOf(test, dead.grantId)).state, 'expired');
      test.clock.advance(20 * DAY);
      assert.equal(await remind(test.house), 0);
      test.clock.advance(20 * DAY);
      assert.equal(await remind(test.house), 0);
      assert.deepEqual(await daysReminded(test, dead.grantId), []);
    }));

  it('takes over from a holder that was killed over a renewal, and leaves on record that its answer is not known', () =>
    withHouse(async (test) => {
      const { grantId } = await yearly(test, 30);
      const secrets = await secretsOf(test, grantId);
      const claim = { now: test.clock.now(), owner: 'node-9:renew', leaseMs: MINUTE };
      await test.house.store.claimGrant(test.ctx.workspaceId, grantId, claim);
      test.clock.advance(2 * MINUTE);
      assert.equal(await remind(test.house), 1);
      assert.notEqual((await grantOf(test, grantId)).facts.unknownOutcomeAt, null);
      assert.deepEqual(await secretsOf(test, grantId), secrets);
    }));

  for (const fault of ['whose method is gone', 'whose reminders the database refuses'] as const)
    it(`is reminded of though more than one look takes come before it ${fault}`, () =>
      withHouse(async (test) => {
        const { grantId } = await yearly(test, 7);
        const model = await grantOf(test, grantId);
        const method = fault === 'whose method is gone' ? 'gone' : model.method;
        for (let index = 0; index < 101; index += 1) {
          const id = `grt_ahead_${index}`;
          await test.house.store.insertGrant({ ...model, id, method, remindAt: model.remindAt! - DAY });
        }
        let looks = 0;
        const house = over(test, 'node-2', {
          claimReminders: (claim) => {
            looks += 1;
            assert.ok(looks <= 3, 'it looks without end');
            return test.house.store.claimReminders(claim);
          },
          applyOutcomes: async (outcomes) => {
            const isRefused = ({ grant, activity }: GrantOutcome) =>
              grant.id !== grantId && activity.length > 0;
            if (outcomes.some(isRefused)) throw new Error('The database refuses it.');
            return test.house.store.applyOutcomes(outcomes);
          },
        });
        assert.deepEqual(await remindOfDeadlines(house), { sent: 0, isFull: true });
        assert.equal(looks, 1, 'the keeper has other work, too');
        assert.deepEqual(await remindOfDeadlines(house), { sent: 1, isFull: false });
        assert.deepEqual(await daysReminded(test, grantId), [7]);
        const ahead = await grantOf(test, 'grt_ahead_0');
        assert.deepEqual([ahead.leaseOwner, ahead.remindAt], [null, test.clock.now() + HOUR]);
      }));
});
