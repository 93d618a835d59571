import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Problem } from '../src/app/errors.ts';
import { getToken } from '../src/app/getToken.ts';
import { getConnection, updateConnection } from '../src/app/manageConnections.ts';
import { listOutages } from '../src/app/readHistory.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { renewGrant } from '../src/app/renewGrant.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import { replaySpool } from '../src/keeper/replaySpool.ts';
import { openSpool } from '../src/store/spool.ts';
import { type ClaimedGrant, type Store, StoreUnavailableError } from '../src/store/store.ts';
import { connectOne, sandboxApp, type TestHouse } from './support/house.ts';
import {
  actionsOf,
  callsOf,
  connected,
  contextIn,
  copiesOf,
  DAY,
  failing,
  forgetCalls,
  grantOf,
  HOUR,
  MINUTE,
  SECOND,
  secretsOf,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';

const token = (test: TestHouse, connectionId: string, minTtlSeconds = 0) =>
  getToken(test.ctx, { connectionId, minTtlSeconds });

/** Holds the grant as another process would, and never lets go. */
async function abandoned(test: TestHouse, grantId: string, owner: string): Promise<ClaimedGrant> {
  const claimed = await test.house.store.claimGrant(test.ctx.workspaceId, grantId, {
    now: test.clock.now(),
    owner,
    leaseMs: 2 * MINUTE,
  });
  assert.ok(claimed);
  test.clock.advance(3 * MINUTE);
  return claimed;
}

describe('Rule 1: one renewal of a grant in flight, over all processes', () => {
  it('200 that ask in two processes, while the keepers of both look after it too, make one call', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const other = variant(test, { nodeId: 'node-2' });
      test.clock.advance(50 * MINUTE);
      await forgetCalls(test, 'snapchat');
      const asked = Array.from({ length: 200 }, (_, index) =>
        renewConnection(contextIn(index % 2 ? other.house : test.house, test), connectionId),
      );
      const answers = await Promise.all([...asked, test.keep(), other.keep()]);
      assert.equal(await callsOf(test, 'snapchat'), 1);
      assert.equal((await grantOf(test, grantId)).credentialVersion, 2);
      assert.ok(
        answers
          .slice(0, 200)
          .every((answer) => (answer as { connection: { state: string } }).connection.state === 'active'),
      );
    }));

  it('1,000 that read the token of a grant that has ended make one call, and all get the same token', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'snapchat');
      const other = variant(test, { nodeId: 'node-2' });
      test.clock.advance(2 * HOUR);
      await forgetCalls(test, 'snapchat');
      const asked = Array.from({ length: 1_000 }, (_, index) =>
        getToken(contextIn(index % 2 ? other.house : test.house, test), { connectionId, minTtlSeconds: 300 }),
      );
      const tokens = new Set((await Promise.all(asked)).map((answer) => answer.access_token));
      assert.equal(await callsOf(test, 'snapchat'), 1);
      assert.equal(tokens.size, 1);
    }));

  it('readers who ask for longer than a token ever lives do not renew it again and again', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'snapchat');
      await forgetCalls(test, 'snapchat');
      for (let round = 0; round < 5; round += 1) await token(test, connectionId, 86_400);
      assert.equal(await callsOf(test, 'snapchat'), 1);
    }));

  it('a late write, whose claim somebody else has taken over, changes nothing', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      const { previousOwner: _, ...slow } = await abandoned(test, grantId, 'node-9:renew');
      await renewGrant(test.house, { workspaceId: test.ctx.workspaceId, id: grantId }, 'renew', 'test');
      const stored = await grantOf(test, grantId);
      const late = {
        grant: { ...slow, credentialVersion: 7, secrets: { access_token: 'late' } },
        activity: [],
      };
      assert.equal(await test.house.committer.commit(late), 'outrun');
      assert.deepEqual(await grantOf(test, grantId), stored);
    }));

  it('a keeper never waits for a caller who waits for the keeper’s own claim', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'snapchat');
      test.clock.advance(2 * HOUR);
      await forgetCalls(test, 'snapchat');
      const { store } = test.house;
      let begun = false;
      const beaten: TestHouse = variant(test, {
        store: {
          ...store,
          claimGrant: async (...claim) => {
            if (!begun) {
              begun = true;
              assert.equal((await beaten.keeper.tick()).claimed, 1, 'the keeper is faster by a moment');
            }
            return store.claimGrant(...claim);
          },
        },
      });
      assert.ok((await token(beaten, connectionId)).access_token);
      await beaten.keeper.settled();
      assert.equal(await callsOf(test, 'snapchat'), 1);
    }));
});

describe('Rule 2: after the claim, read again', () => {
  it('what a sibling has made fresh between the look and the claim is not renewed again', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      test.clock.advance(2 * HOUR);
      await forgetCalls(test, 'snapchat');
      const { store } = test.house;
      let outpaced = false;
      const slow = variant(test, {
        store: {
          ...store,
          claimGrant: async (...claim) => {
            if (!outpaced) {
              outpaced = true;
              await renewGrant(
                test.house,
                { workspaceId: test.ctx.workspaceId, id: grantId },
                'renew',
                'sibling',
              );
            }
            return store.claimGrant(...claim);
          },
        },
      });
      assert.equal(
        (await token(slow, connectionId)).access_token,
        (await secretsOf(test, grantId)).access_token,
      );
      assert.equal(await callsOf(test, 'snapchat'), 1);
      assert.equal((await grantOf(test, grantId)).leaseOwner, null, 'the claim is given back');
    }));

  it('who saw an older credential than the one that is there by now gets that one', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      const seen = await grantOf(test, grantId);
      await renewGrant(test.house, seen, 'renew', 'test');
      await forgetCalls(test, 'snapchat');
      const { kind, grant } = await renewGrant(test.house, seen, 'renew', 'test');
      assert.deepEqual([kind, grant.credentialVersion, await callsOf(test, 'snapchat')], ['renewed', 2, 0]);
    }));

  it('a keeper that claims what was renewed meanwhile makes no call', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      test.clock.advance(50 * MINUTE);
      const { store } = test.house;
      const late = variant(test, {
        store: {
          ...store,
          claimDue: async (claim) => {
            const [due] = await store.claimDue(claim);
            if (!due) return [];
            await store.releaseGrants([due], null);
            await renewGrant(test.house, due, 'renew', 'sibling');
            await forgetCalls(test, 'snapchat');
            const again = await store.claimGrant(due.workspaceId, due.id, claim);
            return again ? [again] : [];
          },
        },
      });
      await late.keeper.tick();
      await late.keeper.settled();
      assert.deepEqual(
        [await callsOf(test, 'snapchat'), (await grantOf(test, grantId)).credentialVersion],
        [0, 2],
      );
    }));
});

describe('Rule 3: what is stored gets newer only', () => {
  it('an answer without a refresh token keeps the old one, and names no scope that was not there', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'google-ads', 'user_login');
      const before = {
        secrets: await secretsOf(test, grantId),
        scopes: (await grantOf(test, grantId)).facts.scopesGranted,
      };
      const wire = tapped(test.house.wire, async (_request, pass) => {
        const answer = await pass();
        if (answer.kind !== 'answer' || answer.endpoint !== 'token') return answer;
        const { refresh_token: _, ...body } = JSON.parse(answer.body);
        return {
          ...answer,
          body: JSON.stringify({ ...body, scope: `${body.scope} https://www.googleapis.com/auth/drive` }),
        };
      });
      const wider = variant(test, { wire });
      await renewGrant(wider.house, { workspaceId: test.ctx.workspaceId, id: grantId }, 'renew', 'test');
      const after = await secretsOf(test, grantId);
      assert.equal(after.refresh_token, before.secrets.refresh_token);
      assert.notEqual(after.access_token, before.secrets.access_token);
      assert.deepEqual((await grantOf(test, grantId)).facts.scopesGranted, before.scopes);
    }));
});

describe('Rule 4: the claim is the intent on record', () => {
  const RENEW_PATH = '/v5/oauth/token';

  it('a single-use refresh token that may be spent rests while the access token works, and is then sent once', () =>
    withHouse(async (first) => {
      const test = variant(first, {});
      const { connectionId, grantId } = await connected(test, 'pinterest');
      test.clock.advance(21 * DAY);
      await test.control('POST', 'pinterest/fault', { kind: 'lose_answer', times: 1, path: RENEW_PATH });
      await test.keep();
      assert.ok((await grantOf(test, grantId)).facts.unknownOutcomeAt);
      await forgetCalls(test, 'pinterest');
      for (let day = 0; day < 3; day += 1) {
        test.clock.advance(DAY);
        await test.keep();
        assert.ok((await token(test, connectionId, 86_400)).access_token, 'what works is handed out');
      }
      const paths = (await test.control('GET', 'pinterest/calls')).by_path;
      assert.equal(paths[RENEW_PATH] ?? 0, 0, 'it was not sent again');
      test.clock.advance(2 * DAY);
      await test.keep();
      assert.equal((await test.control('GET', 'pinterest/calls')).by_path[RENEW_PATH], 1, 'once, late');
    }));

  it('a refusal after a lost answer is a lost rotation, never the person’s doing', () =>
    withHouse(async (first) => {
      const test = variant(first, {});
      const { connectionId, grantId } = await connected(test, 'pinterest');
      await test.control('POST', 'pinterest/fault', { kind: 'lose_answer', times: 1, path: RENEW_PATH });
      await renewConnection(test.ctx, connectionId);
      await test.control('POST', 'pinterest/break', { how: 'revoked_by_user' });
      test.clock.advance(29 * DAY);
      for (let round = 0; round < 4; round += 1) {
        await test.keep();
        test.clock.advance(HOUR);
      }
      const { state, cause } = await grantOf(test, grantId);
      assert.deepEqual([state, cause], ['expired', 'rotation_lost']);
    }));

  for (const owner of ['node-9:renew', 'node-9:due', 'node-9:probe']) {
    it(`a lease of ${owner} that ran out is an unknown outcome, whoever comes next`, () =>
      withHouse(async (test) => {
        const app = await sandboxApp(test, 'pinterest', { renewals_per_minute: 1 });
        const heirs: Record<string, (id: string, grantId: string) => Promise<unknown>> = {
          keeper: () => test.keep(),
          reader: (id) => token(test, id, 86_400 * 40),
          prober: (id) =>
            reportFailure(test.ctx, id, {
              endpoint: 'api',
              status: 401,
              headers: {},
              body: { code: 2, message: 'Authentication failed.' },
            }),
          reporter: (id) =>
            reportFailure(test.ctx, id, {
              endpoint: 'api',
              status: 403,
              headers: {},
              body: {
                code: 2626,
                message: 'We are reviewing your account. Please see business hub for details.',
              },
            }),
        };
        for (const [index, [name, heir]] of Object.entries(heirs).entries()) {
          const person = [undefined, '734000000000000101', '734000000000000102', '734000000000000103'][index];
          const made = await connectOne(test, { appId: app.id }, person ? { person } : {});
          const claimed = await abandoned(test, made.grant.id, owner);
          await test.house.store.setBreaker(test.ctx.workspaceId, app.id, null);
          await heir(made.connection.id, claimed.id);
          if (name === 'keeper') {
            test.clock.advance(DAY);
            await test.keep();
          }
          const { facts } = await grantOf(test, made.grant.id);
          assert.ok(facts.unknownOutcomeAt !== null, `${name} notes it`);
        }
      }));
  }

  it('also where the next holder has to wait for its app’s budget', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'pinterest', undefined, { renewals_per_minute: 1 });
      await copiesOf(test, grantId, 2);
      const grants = await test.house.store.listGrants(test.ctx.workspaceId, {}, { limit: 10, after: null });
      for (const { id } of grants) {
        const claim = { now: test.clock.now(), owner: 'node-9:due', leaseMs: 2 * MINUTE };
        await test.house.store.claimGrant(test.ctx.workspaceId, id, claim);
      }
      test.clock.advance(21 * DAY);
      await test.keep();
      for (const { id } of grants) assert.ok((await grantOf(test, id)).facts.unknownOutcomeAt !== null);
    }));

  it('a success that is cut off is an unknown outcome too', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'pinterest');
      await test.control('POST', 'pinterest/fault', { kind: 'half_json', times: 1, path: RENEW_PATH });
      await renewConnection(test.ctx, connectionId);
      assert.ok((await grantOf(test, grantId)).facts.unknownOutcomeAt !== null);
    }));
});

describe('Rule 5: what the platform answered is on disk before anyone sees it', () => {
  interface Stormy {
    readonly test: TestHouse;
    readonly directory: string;
    readonly weather: { away: boolean };
    readonly connectionId: string;
    readonly grantId: string;
  }

  /** A house whose database can be taken away between a platform's answer and its write. */
  function inStorm(work: (stormy: Stormy) => Promise<void>): Promise<void> {
    const directory = mkdtempSync(join(tmpdir(), 'evergrant-spool-'));
    return withHouse(async (base) => {
      const weather = { away: false };
      const store = failing(base.house.store, () => weather.away);
      const spool = openSpool(directory);
      const test = { ...variant(base, { store, spool }), spool };
      const { connectionId, grantId } = await connected(test, 'snapchat');
      test.clock.advance(2 * HOUR);
      await work({ test, directory, weather, connectionId, grantId });
    }).finally(() => rmSync(directory, { recursive: true, force: true }));
  }

  it('the database goes away: the outcome is spooled, the token is handed out, and the replay writes it', () =>
    inStorm(async ({ test, weather, connectionId, grantId }) => {
      weather.away = true;
      const handedOut = (await token(test, connectionId)).access_token;
      assert.equal((await test.spool.all()).length, 1);
      assert.equal((await grantOf(test, grantId)).credentialVersion, 1);
      await assert.rejects(replaySpool(test.house, test.spool), StoreUnavailableError);
      assert.equal((await test.spool.all()).length, 1, 'still away: it stays on disk');
      weather.away = false;
      assert.equal(await replaySpool(test.house, test.spool), 1);
      assert.deepEqual(await test.spool.all(), []);
      assert.equal((await secretsOf(test, grantId)).access_token, handedOut);
      assert.equal((await grantOf(test, grantId)).leaseOwner, null);
    }));

  it('the token is handed out even where closing the app’s breaker fails as well', () =>
    inStorm(async ({ test, weather, connectionId }) => {
      const { store } = test.house;
      const breaker = {
        failures: 3,
        openUntil: test.clock.now(),
        since: test.clock.now(),
        cause: 'app_disabled',
        check: 'a.check',
      } as const;
      const worse = variant(test, {
        store: {
          ...store,
          getApp: async (...key) => ({ ...(await store.getApp(...key))!, breaker }),
          setBreaker: () => Promise.reject(new Error('Away.')),
        },
      });
      weather.away = true;
      assert.ok((await token(worse, connectionId)).access_token);
    }));

  it('after somebody else’s claim the newest credential is still written; under a new one', () =>
    inStorm(async ({ test, weather, connectionId, grantId }) => {
      weather.away = true;
      const handedOut = (await token(test, connectionId)).access_token;
      weather.away = false;
      test.clock.advance(3 * MINUTE);
      const claim = { now: test.clock.now(), owner: 'node-9:due', leaseMs: 2 * MINUTE };
      const other = await test.house.store.claimGrant(test.ctx.workspaceId, grantId, claim);
      assert.equal(await replaySpool(test.house, test.spool), 0, 'held: later');
      await test.house.store.releaseGrants([other!], null);
      assert.equal(await replaySpool(test.house, test.spool), 1);
      const grant = await grantOf(test, grantId);
      assert.equal((await secretsOf(test, grantId)).access_token, handedOut);
      assert.deepEqual([grant.credentialVersion, grant.leaseOwner], [2, null]);
    }));

  it('a renewal whose claim ran out before its write is not thrown away: it may hold the only token that is left', () =>
    inStorm(async ({ test, connectionId, grantId }) => {
      const { store } = test.house;
      let other: ClaimedGrant | null = null;
      const slow: Store = {
        ...store,
        applyOutcomes: async (outcomes) => {
          if (other === null) {
            test.clock.advance(3 * MINUTE);
            const claim = { now: test.clock.now(), owner: 'node-9:due', leaseMs: 2 * MINUTE };
            other = await store.claimGrant(test.ctx.workspaceId, grantId, claim);
          }
          return store.applyOutcomes(outcomes);
        },
      };
      const late = variant(test, { store: slow, spool: test.spool });
      await token(late, connectionId).catch(() => undefined);
      assert.equal(
        (await grantOf(test, grantId)).credentialVersion,
        1,
        'its claim is over: it wrote nothing',
      );
      await store.releaseGrants([other!], null);
      assert.equal(await replaySpool(test.house, test.spool), 1);
      assert.equal((await grantOf(test, grantId)).credentialVersion, 2);
    }));

  it('an outcome that is older than what is stored, or of a grant that was disconnected, is dropped', () =>
    inStorm(async ({ test, weather, connectionId, grantId }) => {
      weather.away = true;
      await token(test, connectionId);
      weather.away = false;
      test.clock.advance(3 * MINUTE);
      await connectOne(test, { connectionId });
      const stored = await grantOf(test, grantId);
      assert.equal(await replaySpool(test.house, test.spool), 1);
      assert.deepEqual([await grantOf(test, grantId), await test.spool.all()], [stored, []]);
      const claim = { now: test.clock.now(), owner: 'node-9:disconnect', leaseMs: MINUTE };
      const { previousOwner: _, ...held } = (await test.house.store.claimGrant(
        test.ctx.workspaceId,
        grantId,
        claim,
      ))!;
      await test.house.store.applyOutcomes([
        { grant: { ...held, state: 'revoked', dueAt: null }, activity: [] },
      ]);
      await test.spool.put({
        grant: { ...held, state: 'active', credentialVersion: 9, epoch: 1 },
        activity: [],
      });
      assert.equal(await replaySpool(test.house, test.spool), 1);
      assert.equal((await grantOf(test, grantId)).state, 'revoked');
    }));

  it('a write that was torn is ignored, and a file that can never be written is set aside', () =>
    inStorm(async ({ test, directory, weather, connectionId, grantId }) => {
      weather.away = true;
      await token(test, connectionId);
      weather.away = false;
      const outcome = (await test.spool.all())[0]!.outcome!;
      writeFileSync(join(directory, '0-torn.outcome.json.part'), '{"grant":{"id":');
      writeFileSync(join(directory, '1-half.outcome.json'), '{"grant":{"id":');
      assert.equal(await replaySpool(test.house, test.spool), 1);
      assert.equal((await grantOf(test, grantId)).credentialVersion, 2);
      await test.spool.put({ ...outcome, grant: { ...outcome.grant, id: 'grt_of_nobody' } });
      assert.equal(await replaySpool(test.house, test.spool), 0);
      assert.deepEqual(readdirSync(directory).sort(), ['0-torn.outcome.json.part', 'quarantine']);
      assert.equal(readdirSync(join(directory, 'quarantine')).length, 2);
    }));
});

describe('Rule 6: nothing is deleted because of a failure', () => {
  it('a reconnect keeps ids, name, chosen accounts, and the credential until the new one is proven', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const [account] = (await getConnection(test.ctx, connectionId)).accounts;
      await updateConnection(test.ctx, connectionId, { name: 'Summer, Europe', accountIds: [account!.id] });
      await test.control('POST', 'snapchat/break', { how: 'revoked_by_user' });
      for (let round = 0; round < 3; round += 1) {
        await renewConnection(test.ctx, connectionId).catch(() => undefined);
        test.clock.advance(HOUR);
      }
      const broken = await grantOf(test, grantId);
      assert.equal(broken.state, 'expired');
      const refusing = variant(test, {
        wire: tapped(test.house.wire, (request, pass) =>
          request.endpoint === 'probe' || request.endpoint === 'api'
            ? {
                kind: 'answer',
                endpoint: request.endpoint,
                status: 401,
                headers: {},
                body: JSON.stringify({
                  request_status: 'ERROR',
                  debug_message: 'Unauthorized',
                  error_code: 'E1101',
                }),
              }
            : pass(),
        ),
      });
      await assert.rejects(
        connectOne(refusing, { connectionId }),
        (error: Problem) => error.code === 'connect_failed',
      );
      assert.deepEqual(await grantOf(test, grantId), broken, 'the old credential is as it was');
      const again = await connectOne(test, { connectionId });
      assert.deepEqual(
        [again.connection.id, again.grant.id, again.connection.name],
        [connectionId, grantId, 'Summer, Europe'],
      );
      assert.deepEqual(
        again.connection.accounts.map(({ id }) => id),
        [account!.id],
      );
      const [outage] = await listOutages(test.ctx, { connectionId }, { limit: 5, after: null });
      assert.ok(outage?.ended_at, 'the history stays, and the outage is over');
    }));

  it('a reconnect while the platform lists no ad accounts keeps those that were chosen', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'snapchat');
      const { accounts } = await getConnection(test.ctx, connectionId);
      const silent = variant(test, {
        wire: tapped(test.house.wire, (request, pass) =>
          request.url.includes('adaccounts') || request.url.includes('organizations')
            ? { kind: 'answer', endpoint: 'api', status: 503, headers: {}, body: '' }
            : pass(),
        ),
      });
      await connectOne(silent, { connectionId });
      assert.deepEqual((await getConnection(test.ctx, connectionId)).accounts, accounts);
    }));
});

describe('Rule 7: a token that still works is never withheld', () => {
  for (const kind of ['outage', 'hang', 'rate_limit', 'html', 'drop_before', 'redirect', 'huge', 'empty']) {
    it(`the renewal meets “${kind}”, and the token that works is handed out`, () =>
      withHouse(
        async (test) => {
          const { connectionId, grantId } = await connected(test, 'snapchat');
          const before = await token(test, connectionId);
          test.clock.advance(58 * MINUTE);
          await test.control('POST', 'snapchat/fault', { kind });
          const { access_token } = await token(test, connectionId, 300);
          assert.equal(access_token, before.access_token);
          assert.equal((await grantOf(test, grantId)).state, 'failing');
          test.clock.advance(3 * MINUTE);
          const problem = await token(test, connectionId).catch((error: Problem) => error);
          assert.ok(problem instanceof Problem && problem.code === 'temporarily_unavailable');
          await test.control('DELETE', 'snapchat/fault');
          test.clock.advance(MINUTE);
          assert.ok((await token(test, connectionId)).access_token, 'and it heals');
        },
        { timeoutMs: 300 },
      ));
  }

  it('the renewal finds no database, and the token that works is handed out', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'snapchat');
      const before = await token(test, connectionId);
      test.clock.advance(58 * MINUTE);
      const claimGrant = () => Promise.reject(new StoreUnavailableError('The database is away.'));
      const away = variant(test, { store: { ...test.house.store, claimGrant } });
      assert.equal((await token(away, connectionId, 300)).access_token, before.access_token);
      test.clock.advance(3 * MINUTE);
      await assert.rejects(token(away, connectionId, 300), StoreUnavailableError);
    }));

  it('a grant that is suspect, or that needs a person, still hands out the access token that lives', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const refusing = variant(test, {
        wire: tapped(test.house.wire, (request, pass) => (request.endpoint === 'token' ? refusal : pass())),
      });
      const before = await token(test, connectionId);
      await renewConnection(refusing.ctx, connectionId);
      assert.equal((await grantOf(test, grantId)).state, 'suspect');
      assert.equal((await token(refusing, connectionId, 86_400)).access_token, before.access_token);
      test.clock.advance(10 * MINUTE);
      await refusing.keep();
      assert.equal((await grantOf(test, grantId)).state, 'expired');
      assert.equal((await token(test, connectionId, 86_400)).access_token, before.access_token);
      test.clock.advance(HOUR);
      await assert.rejects(
        token(test, connectionId),
        (error: Problem) => error.code === 'reauthorization_required',
      );
    }));

  it('an access token without an end that the platform refuses for good is handed out no more', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'tiktok', 'advertiser_token');
      await test.control('POST', 'tiktok/break', { how: 'revoked_by_user' });
      for (let round = 0; round < 3 && (await grantOf(test, grantId)).state !== 'expired'; round += 1) {
        await renewConnection(test.ctx, connectionId).catch(() => undefined);
        test.clock.advance(HOUR);
      }
      await assert.rejects(
        token(test, connectionId),
        (error: Problem) => error.code === 'reauthorization_required',
      );
    }));

  it('readers of a grant that is over do not make a single call', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'tiktok', 'advertiser_token');
      await test.control('POST', 'tiktok/break', { how: 'revoked_by_user' });
      for (let round = 0; round < 3; round += 1) {
        await renewConnection(test.ctx, connectionId).catch(() => undefined);
        test.clock.advance(HOUR);
      }
      await forgetCalls(test, 'tiktok');
      for (let round = 0; round < 50; round += 1) await token(test, connectionId).catch(() => undefined);
      assert.equal(await callsOf(test, 'tiktok'), 0);
    }));

  it('readers of a grant that cannot be renewed just now make one call between them, not one each', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'snapchat');
      test.clock.advance(2 * HOUR);
      await test.control('POST', 'snapchat/fault', { kind: 'outage' });
      await forgetCalls(test, 'snapchat');
      for (let round = 0; round < 50; round += 1) await token(test, connectionId).catch(() => undefined);
      assert.equal(await callsOf(test, 'snapchat'), 1);
    }));

  it('what only a person can continue says so from its end on, also before the keeper has come by', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'linkedin', 'user_login_without_refresh');
      test.clock.advance(61 * DAY);
      await assert.rejects(
        token(test, connectionId),
        (error: Problem) => error.code === 'reauthorization_required',
      );
    }));
});

const refusal = {
  kind: 'answer',
  endpoint: 'token',
  status: 400,
  headers: { 'content-type': 'application/json' },
  body: '{"error":"invalid_grant","error_description":"Refresh token is invalid."}',
} as const;

describe('Rule 8: who signs in, and what they allow', () => {
  it('somebody else is refused and named, nothing changes; with the override it is on record', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const before = await grantOf(test, grantId);
      const noah = { person: '5a0e9c1e-0002-4000-8000-000000000002' };
      const refused = await connectOne(test, { connectionId }, noah).catch((error: Problem) => error);
      assert.ok(refused instanceof Problem && refused.code === 'identity_mismatch');
      assert.match(refused.message, /Ida.*Noah/);
      assert.deepEqual(await grantOf(test, grantId), before);
      const other = await connectOne(test, { connectionId, allowOtherIdentity: true }, noah);
      assert.equal(other.connection.id, connectionId);
      assert.notEqual(other.grant.id, grantId, 'the other person’s grant is a grant of its own');
      const first = await grantOf(test, grantId);
      assert.deepEqual(first.secrets, before.secrets, 'and the first keeps its credential');
      assert.equal(first.state, 'revoked', 'though it is renewed no longer: no connection rests on it');
      const actions = await actionsOf(test, connectionId);
      assert.ok(
        actions.includes('connect.other_identity_refused') &&
          actions.includes('connect.other_identity_accepted'),
      );
    }));

  it('who allows less than before is degraded, with the names of what is missing', () =>
    withHouse(async (test) => {
      const app = await sandboxApp(test, 'google-cm360');
      const [trafficking, reporting] = ['dfatrafficking', 'dfareporting'].map(
        (name) => `https://www.googleapis.com/auth/${name}`,
      );
      const made = await connectOne(test, {
        appId: app.id,
        method: 'user_login',
        scopes: [trafficking!, reporting!],
      });
      assert.equal(made.grant.state, 'active');
      await connectOne(
        test,
        { connectionId: made.connection.id },
        { scopes: ['openid', 'email', 'profile', reporting!] },
      );
      const seen = await getConnection(test.ctx, made.connection.id);
      assert.deepEqual(
        [seen.state, seen.cause, seen.missing_scopes],
        ['degraded', 'permission_missing', [trafficking]],
      );
      const { connection } = await renewConnection(test.ctx, made.connection.id);
      assert.deepEqual([connection.state, connection.missing_scopes], ['degraded', [trafficking]]);
    }));

  it('a caller’s report about a part lifts neither a suspicion nor a loss', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const refusing = variant(test, {
        wire: tapped(test.house.wire, (request, pass) => (request.endpoint === 'token' ? refusal : pass())),
      });
      await renewConnection(refusing.ctx, connectionId);
      const before = await grantOf(test, grantId);
      assert.equal(before.state, 'suspect');
      const body = { request_status: 'ERROR', debug_message: 'No permission', error_code: 'E1008' };
      await reportFailure(test.ctx, connectionId, { endpoint: 'api', status: 403, headers: {}, body });
      const { state, pending } = await grantOf(test, grantId);
      assert.deepEqual([state, pending], ['suspect', before.pending]);
    }));
});

describe('Rule 11: time is a parameter', () => {
  it('nothing happens while the clock stands still, and everything that is due once it moves', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      await forgetCalls(test, 'snapchat');
      await test.keep();
      assert.equal(await callsOf(test, 'snapchat'), 0);
      const { dueAt } = await grantOf(test, grantId);
      test.clock.advance(dueAt! - test.clock.now() - SECOND);
      await test.keep();
      assert.equal(await callsOf(test, 'snapchat'), 0, 'a second too early');
      test.clock.advance(SECOND);
      await test.keep();
      assert.equal((await grantOf(test, grantId)).credentialVersion, 2);
    }));

  it('a token that lives to the end of its last second is looked at again a minute later', () =>
    withHouse(async (test) => {
      test.clock.advance(SECOND / 2);
      const app = await sandboxApp(test, 'linkedin');
      const made = await connectOne(test, { appId: app.id, method: 'user_login_without_refresh' });
      test.clock.advance(DAY);
      await test.keep();
      const end = (await grantOf(test, made.grant.id)).facts.accessExpiresAt!;
      assert.equal(end % SECOND, 0, 'the probe tells it in whole seconds');
      test.clock.advance(end - test.clock.now());
      await test.keep();
      const still = await grantOf(test, made.grant.id);
      assert.deepEqual([still.state, still.dueAt], ['active', end + MINUTE], 'the platform still takes it');
      test.clock.advance(MINUTE);
      await test.keep();
      assert.equal((await grantOf(test, made.grant.id)).state, 'expired');
    }));
});
