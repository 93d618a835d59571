import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '../src/app/errors.ts';
import type { PlatformAnswer } from '../src/core/answer.ts';
import type { PlatformRequest } from '../src/platforms/kit/request.ts';
import { connectOne, sandboxApp } from './support/house.ts';
import { tapped, variant, withHouse } from './support/keeping.ts';

const answered = (request: PlatformRequest, status: number, body: object): PlatformAnswer => ({
  kind: 'answer',
  endpoint: request.endpoint,
  status,
  headers: {},
  body: JSON.stringify(body),
});

/** What a person is told who connects while the platform answers some requests so. */
async function toldWhile(
  platform: string,
  answer: (request: PlatformRequest) => PlatformAnswer | undefined,
): Promise<Problem> {
  let told: unknown;
  await withHouse(async (test) => {
    await sandboxApp(test, platform);
    const wire = tapped(test.house.wire, (request, pass) => answer(request) ?? pass());
    const refused = connectOne(variant(test, { wire }), { platform });
    told = await refused.catch((error: unknown) => error);
    const grants = await test.house.store.listGrants(test.ctx.workspaceId, {}, { limit: 5, after: null });
    assert.deepEqual(grants, [], 'nothing is stored');
  });
  assert.ok(told instanceof Problem, String(told));
  return told;
}

describe('A sign-in whose outcome the platform refuses', () => {
  it('is told in words of now where the new token is refused at once: nobody withdrew anything, nothing is renewed', async () => {
    const problem = await toldWhile('tiktok', (request) =>
      request.endpoint === 'probe'
        ? answered(request, 200, { code: 40105, message: 'Access token is incorrect or has been revoked.' })
        : undefined,
    );
    assert.equal(problem.code, 'connect_failed');
    assert.doesNotMatch(problem.message, /withdrawn|[Nn]othing to do|Evergrant renews/);
  });

  it('is told in words of now where the fresh token is dead to the probe', async () => {
    const problem = await toldWhile('snapchat', (request) =>
      request.endpoint === 'probe' || request.endpoint === 'api'
        ? answered(request, 401, {
            request_status: 'ERROR',
            debug_message: 'Unauthorized',
            error_code: 'E1101',
          })
        : undefined,
    );
    assert.equal(problem.code, 'connect_failed');
    assert.doesNotMatch(problem.message, /withdrawn|[Nn]othing to do|Evergrant renews/);
  });

  it('is told as a spent code where the code is not taken, not as a withdrawn authorization', async () => {
    const problem = await toldWhile('snapchat', (request) =>
      request.endpoint === 'token' ? answered(request, 400, { error: 'invalid_grant' }) : undefined,
    );
    assert.match(problem.message, /code of this sign-in/);
    assert.doesNotMatch(problem.message, /withdrawn/);
  });
});
