import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginAuthorization } from '../src/app/beginAuthorization.ts';
import { completeConnect } from '../src/app/completeConnect.ts';
import { Problem } from '../src/app/errors.ts';
import { getApp } from '../src/app/manageApps.ts';
import { createClient } from '../src/app/manageClients.ts';
import { startConnect } from '../src/app/startConnect.ts';
import type { PlatformAnswer } from '../src/core/answer.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import type { PlatformRequest } from '../src/platforms/kit/request.ts';
import { connectOne, sandboxApp } from './support/house.ts';
import { actionsOf, tapped, variant, withHouse } from './support/keeping.ts';

const answered = (request: PlatformRequest, status: number, body: object): PlatformAnswer => ({
  kind: 'answer',
  endpoint: request.endpoint,
  status,
  headers: {},
  body: JSON.stringify(body),
});

const tokenOf = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

/** What a person is told who connects while the platform answers some requests so. */
async function toldWhile(
  platform: string,
  answer: (request: PlatformRequest) => PlatformAnswer | undefined,
  method?: string,
): Promise<Problem> {
  let told: unknown;
  await withHouse(async (test) => {
    await sandboxApp(test, platform);
    const wire = tapped(test.house.wire, (request, pass) => answer(request) ?? pass());
    const refused = connectOne(variant(test, { wire }), { platform, ...(method && { method }) });
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

describe('A code that the platform does not take', () => {
  for (const { profile } of PLATFORMS)
    for (const { id: method } of profile.methods.filter(({ kind }) => kind === 'oauth'))
      it(`has one cause and one text, on record and for the person: ${profile.id} ${method}`, () =>
        withHouse(async (test) => {
          const app = await sandboxApp(test, profile.id);
          const client = await createClient(test.ctx, { name: 'Client' });
          const session = await startConnect(test.ctx, { appId: app.id, clientId: client.id, method });
          const begun = await beginAuthorization(test.house, tokenOf(session.url), null);
          const state = new URL(begun.url).searchParams.get('state') ?? '';
          const problem = await completeConnect(test.house, {
            platformId: profile.id,
            query: new URLSearchParams({ code: 'stale-or-made-up', state }),
            browserSecret: begun.browserSecret,
            keptState: null,
          }).catch((error: unknown) => error);
          assert.ok(problem instanceof Problem, String(problem));
          const told = `${profile.signInName ?? profile.name} did not complete the sign-in. The code of this sign-in is not taken: a code works once, for a few minutes, and for the sign-in that it was made for. Open the link again and sign in once more.`;
          assert.deepEqual(
            [problem.code, problem.extensions.cause, problem.message],
            ['connect_failed', 'request_invalid', told],
          );
          const seen = await test.house.store.getConnectSession(test.ctx.workspaceId, session.id);
          assert.deepEqual([seen?.status, seen?.cause, seen?.detail], ['open', 'request_invalid', told]);
          const filter = { subject: session.id, action: 'connect.failed' };
          const [row] = await test.house.store.listActivity(test.ctx.workspaceId, filter, {
            limit: 5,
            beforeSeq: null,
          });
          assert.deepEqual(row?.detail, { code: 'connect_failed', cause: 'request_invalid' });
          assert.equal((await getApp(test.ctx, app.id)).failing, null);
        }));
});

describe('Fields that the platform refuses', () => {
  const error = { message: 'Error validating access token: it was invalidated.', code: 190, subcode: 460 };
  const invalid = { data: { app_id: '1', is_valid: false, error } };

  it('are named as the person sees them, and nobody is said to have signed in', async () => {
    const problem = await toldWhile(
      'meta',
      (request) => (request.endpoint === 'probe' ? answered(request, 200, invalid) : undefined),
      'system_user',
    );
    assert.equal(problem.code, 'invalid_fields');
    assert.match(
      problem.message,
      /^Meta Ads Manager refuses what was entered under System user access token/,
    );
    assert.doesNotMatch(problem.message, /Facebook|sign/);
  });

  it('are named too where they are refused after a first look found them good', async () => {
    let looks = 0;
    const problem = await toldWhile(
      'meta',
      (request) => {
        if (request.endpoint !== 'probe') return undefined;
        looks += 1;
        return looks > 1 ? answered(request, 200, invalid) : undefined;
      },
      'system_user',
    );
    assert.equal(problem.code, 'connect_failed');
    assert.match(problem.message, /^Meta Ads Manager refuses what was entered \(System user access token\)/);
    assert.doesNotMatch(problem.message, /Facebook|gave this credential|sign/);
  });
});

describe('An app that the platform refuses while a form is filled in', () => {
  it('is shown as failing, and no more once the form is taken', () =>
    withHouse(async (test) => {
      const app = await sandboxApp(test, 'meta');
      const error = { message: 'Error validating application.', type: 'OAuthException', code: 101 };
      const wire = tapped(test.house.wire, (request) => answered(request, 400, { error }));
      const form = { appId: app.id, method: 'system_user' };
      const refused = connectOne(variant(test, { wire }), form);
      await assert.rejects(
        refused,
        (problem) => problem instanceof Problem && problem.code === 'app_failing',
      );
      assert.ok((await getApp(test.ctx, app.id)).failing);
      await connectOne(test, form);
      assert.equal((await getApp(test.ctx, app.id)).failing, null);
      const [recovered] = (await actionsOf(test, app.id)).filter((action) => action === 'app.recovered');
      assert.ok(recovered);
    }));
});
