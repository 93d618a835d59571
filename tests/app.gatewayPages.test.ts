import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getApp } from '../src/app/manageApps.ts';
import { renewGrant } from '../src/app/renewGrant.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import type { PlatformAnswer } from '../src/core/answer.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import type { PlatformRequest } from '../src/platforms/kit/request.ts';
import { connectOne } from './support/house.ts';
import { connected, grantOf, MINUTE, tapped, variant, withHouse } from './support/keeping.ts';

const headers = { 'content-type': 'text/html' };
const body = '<html><head><title>403</title></head><body>Access denied by gateway</body></html>';
const page = ({ endpoint }: Pick<PlatformRequest, 'endpoint'>, status: number): PlatformAnswer => ({
  kind: 'answer',
  endpoint,
  status,
  headers,
  body,
});

describe('A page of somebody between Evergrant and the platform', () => {
  for (const { profile } of PLATFORMS)
    for (const { id: method } of profile.methods)
      it(`is never held against ${profile.id} ${method}: neither grant, nor connection, nor app`, () =>
        withHouse(async (test) => {
          const { app, connectionId, grantId } = await connected(test, profile.id, method);
          const grant = { workspaceId: test.ctx.workspaceId, id: grantId };
          for (const status of [400, 401, 403]) {
            const behind = variant(test, {
              wire: tapped(test.house.wire, (request) => page(request, status)),
            });
            for (const wish of ['probe', 'renew', 'probe', 'renew'] as const) {
              test.clock.advance(6 * MINUTE);
              await renewGrant(behind.house, grant, wish, 'test');
            }
            const { state, cause, facts } = await grantOf(test, grantId);
            assert.deepEqual([cause, facts.accessDeadAt], ['platform_outage', null], `${status}: ${state}`);
            assert.equal((await getApp(test.ctx, app.id)).failing, null, String(status));
          }
          test.clock.advance(30 * MINUTE);
          await renewGrant(test.house, grant, 'renew', 'test');
          for (const status of [400, 401, 403]) {
            const report = { endpoint: 'api', status, headers, body } as const;
            const told = await reportFailure(test.ctx, connectionId, report);
            assert.deepEqual(
              [told.state, told.diagnosis.cause],
              ['active', 'platform_outage'],
              String(status),
            );
          }
        }));
});

describe('A page that refuses a token', () => {
  it('is no evidence itself, and has the platform asked: a grant that is dead is found dead', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'snapchat');
      await test.control('POST', 'snapchat/break', { how: 'revoked_by_user' });
      test.clock.advance(MINUTE);
      const told = await reportFailure(test.ctx, connectionId, {
        endpoint: 'api',
        status: 401,
        headers,
        body,
      });
      assert.deepEqual([told.diagnosis.cause, told.state], ['platform_outage', 'expired']);
    }));
});

describe('A page in the place of an answer to what was entered', () => {
  for (const method of ['login_exchange', 'api_token'])
    it(`refuses nothing of it: ${method}`, () =>
      withHouse(async (test) => {
        const { app } = await connected(test, 'trade-desk', method);
        const behind = variant(test, { wire: tapped(test.house.wire, (request) => page(request, 401)) });
        await assert.rejects(
          connectOne(behind, { appId: app.id, method }),
          (problem: { code?: string }) => problem.code === 'temporarily_unavailable',
        );
      }));
});
