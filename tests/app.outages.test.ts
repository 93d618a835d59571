import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FastifyReply } from 'fastify';
import { Problem } from '../src/app/errors.ts';
import { getToken } from '../src/app/getToken.ts';
import { updateApp } from '../src/app/manageApps.ts';
import { getConnection } from '../src/app/manageConnections.ts';
import { overview } from '../src/app/overview.ts';
import { listOutages } from '../src/app/readHistory.ts';
import { sendProblem } from '../src/server/errorHandler.ts';
import {
  connected,
  grantOf,
  HOUR,
  liveUntil,
  MINUTE,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';

const PAGE = { limit: 10, after: null };
const rfc3339 = (at: number) => new Date(at).toISOString();

/** What goes out with a problem beside its document. */
function headersOf(problem: Problem): Record<string, string> {
  const headers: Record<string, string> = {};
  const reply = {
    code: () => reply,
    type: () => reply,
    send: () => reply,
    header: (name: string, value: string) => {
      headers[name] = value;
      return reply;
    },
  };
  sendProblem(reply as unknown as FastifyReply, problem);
  return headers;
}

describe('An access token that has ended while its grant lives', () => {
  it('unseen, because Evergrant was away, is an outage that is over when it is noticed', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const end = (await grantOf(test, grantId)).facts.accessExpiresAt!;
      test.clock.advance(end + 20 * MINUTE - test.clock.now());
      await test.keep();
      assert.equal((await getConnection(test.ctx, connectionId)).has_working_token, true);
      const outages = await listOutages(test.ctx, {}, PAGE);
      assert.deepEqual(
        outages.map((one) => [one.connection_id, one.cause, one.started_at, one.ended_at]),
        [[connectionId, 'access_token_expired', rfc3339(end), rfc3339(test.clock.now())]],
      );
    }));

  it('is an outage with the app’s cause, shows, names who acts, and ends with the next renewal', () =>
    withHouse(async (test) => {
      const { app, connectionId, grantId } = await connected(test, 'snapchat');
      const known = (await test.control('GET')).platforms.find(
        (one: { id: string }) => one.id === 'snapchat',
      );
      const end = (await grantOf(test, grantId)).facts.accessExpiresAt!;
      await test.control('POST', 'snapchat/break', { how: 'secret_rotated' });
      await liveUntil(test, end + HOUR, MINUTE);

      const shown = await getConnection(test.ctx, connectionId);
      assert.deepEqual(
        [shown.state, shown.cause, shown.who, shown.has_working_token, shown.down_since],
        ['failing', 'app_misconfigured', 'operator', false, rfc3339(end)],
      );
      assert.match(shown.remedy ?? '', /operator/);
      const [outage] = await listOutages(test.ctx, { open: true }, PAGE);
      assert.deepEqual(
        [outage?.connection_id, outage?.cause, outage?.started_at],
        [connectionId, 'app_misconfigured', rfc3339(end)],
      );
      assert.ok(Date.parse(outage!.noticed_at) <= end + MINUTE, 'seen when the token ended');
      assert.equal((await overview(test.ctx)).tokenless, 1);
      const refused = await getToken(test.ctx, { connectionId, minTtlSeconds: 0 }).catch((error) => error);
      assert.ok(refused instanceof Problem);
      const { cause, who, since, retry_after_seconds } = refused.extensions;
      assert.deepEqual(
        [refused.code, refused.status, cause, who, since],
        ['app_failing', 503, 'app_misconfigured', 'operator', rfc3339(end)],
      );
      assert.equal(headersOf(refused)['retry-after'], String(retry_after_seconds));
      assert.ok(Number(retry_after_seconds) > 0);

      await test.control('POST', 'snapchat/mend', { how: 'secret_rotated' });
      await updateApp(test.ctx, app.id, { clientSecret: known.app.client_secret });
      await liveUntil(test, test.clock.now() + 20 * MINUTE, MINUTE);
      const mended = await getConnection(test.ctx, connectionId);
      assert.deepEqual([mended.state, mended.has_working_token, mended.down_since], ['active', true, null]);
      assert.deepEqual(await listOutages(test.ctx, { open: true }, PAGE), []);
    }));

  it('is an outage of the platform’s where the platform is down for longer than the token lives', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const end = (await grantOf(test, grantId)).facts.accessExpiresAt!;
      await test.control('POST', 'snapchat/fault', { kind: 'outage' });
      await liveUntil(test, end, MINUTE);
      const [outage] = await listOutages(test.ctx, { open: true }, PAGE);
      assert.deepEqual([outage?.cause, outage?.started_at], ['platform_outage', rfc3339(end)]);
      const shown = await getConnection(test.ctx, connectionId);
      assert.deepEqual(
        [shown.state, shown.cause, shown.has_working_token],
        ['failing', 'platform_outage', false],
      );
      await assert.rejects(getToken(test.ctx, { connectionId, minTtlSeconds: 0 }), {
        code: 'temporarily_unavailable',
      });
      await test.control('DELETE', 'snapchat/fault');
      await liveUntil(test, end + 5 * HOUR, MINUTE);
      assert.deepEqual(await listOutages(test.ctx, { open: true }, PAGE), []);
    }));

  it('takes the cause of the death that follows, and goes on from where it began', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      const end = (await grantOf(test, grantId)).facts.accessExpiresAt!;
      await test.control('POST', 'snapchat/fault', { kind: 'outage' });
      await liveUntil(test, end + MINUTE, MINUTE);
      await test.control('DELETE', 'snapchat/fault');
      await test.control('POST', 'snapchat/break', { how: 'revoked_by_user' });
      await liveUntil(test, end + 6 * HOUR, MINUTE);
      assert.equal((await grantOf(test, grantId)).state, 'expired');
      const outages = await listOutages(test.ctx, {}, PAGE);
      assert.deepEqual(
        outages.map((one) => [one.cause, one.started_at, one.ended_at]),
        [['revoked_by_user', rfc3339(end), null]],
      );
    }));
});

describe('A call that is wrong for one grant', () => {
  it('is tried again at growing distances', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      let calls = 0;
      const wire = tapped(test.house.wire, (request, pass) => {
        if (request.endpoint !== 'token') return pass();
        calls += 1;
        const body = '{"error":"invalid_request"}';
        return { kind: 'answer', endpoint: 'token', status: 400, headers: {}, body };
      });
      const wrong = variant(test, { wire });
      await liveUntil(wrong, test.clock.now() + 12 * HOUR);
      const { facts, state } = await grantOf(test, grantId);
      assert.equal(state, 'failing', 'its token has ended meanwhile');
      assert.ok(facts.accessExpiresAt! < test.clock.now());
      assert.ok(calls > 5 && calls < 25, `${calls} calls in twelve hours`);
    }));
});
