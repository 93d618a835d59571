import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Problem } from '../src/app/errors.ts';
import { getConnection, refreshConnection } from '../src/app/manageConnections.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import type { PlatformAnswer } from '../src/core/answer.ts';
import type { TestHouse } from './support/house.ts';
import { connected, grantOf, MINUTE, tapped, variant, withHouse } from './support/keeping.ts';

/** As Meta documents it (src/platforms/meta/fixtures). */
const TWO_FACTOR = {
  error: {
    message: 'Two-factor authentication is required to access this resource',
    type: 'OAuthException',
    code: 415,
  },
};

/** What is on record of a connection, but for the moment. */
async function recordOf(test: TestHouse, id: string) {
  const { state, cause, explanation, who, remedy, evidence } = await getConnection(test.ctx, id);
  return { state, cause, explanation, who, remedy, evidence };
}

/** What a refresh is refused with, and the platform's answer by which it was. */
async function refusedRefresh(test: TestHouse, id: string, instead?: object) {
  let last: Extract<PlatformAnswer, { kind: 'answer' }> | undefined;
  const wire = tapped(test.house.wire, async ({ endpoint }, pass) => {
    const answer = await pass();
    if (endpoint !== 'api' || answer.kind !== 'answer') return answer;
    last = instead ? { ...answer, status: 400, body: JSON.stringify(instead) } : answer;
    return last;
  });
  const problem = await refreshConnection(variant(test, { wire }).ctx, id).then(
    () => assert.fail('the platform refuses'),
    (error: Problem) => error,
  );
  assert.ok(last);
  const { status, body } = last;
  return { problem, answer: { endpoint: 'api', status, headers: {}, body } as const };
}

/** Who put which refusal on record. */
async function reportsOf({ house, ctx }: TestHouse) {
  const filter = { action: 'failure.reported' } as const;
  const rows = await house.store.listActivity(ctx.workspaceId, filter, { limit: 10, beforeSeq: null });
  return rows.map(({ actor, detail }) => [actor, detail.cause]);
}

describe('The same evidence makes the same record, whoever saw it', () => {
  for (const [platform, how, cause] of [
    ['meta', 'data_access_ended', 'renewal_credential_expired'],
    ['meta', 'policy_block', 'policy_violation'],
    ['meta', null, 'admin_policy'],
    ['linkedin', 'member_restricted', 'security_checkpoint'],
    ['google-ads', 'two_step_demanded', 'security_checkpoint'],
  ] as const)
    it(`${platform}: ${how ?? 'two-factor authentication is demanded'}`, async () => {
      let told: { seen: object; answer: Parameters<typeof reportFailure>[2] } | undefined;
      await withHouse(async (test) => {
        const { connectionId, grantId } = await connected(test, platform);
        if (how) await test.control('POST', `${platform}/break`, { how });
        const { problem, answer } = await refusedRefresh(test, connectionId, how ? undefined : TWO_FACTOR);
        const seen = await recordOf(test, connectionId);
        assert.deepEqual([seen.state, seen.cause], ['degraded', cause]);
        const { state, who, remedy } = problem.extensions;
        assert.deepEqual(
          [problem.code, state, problem.extensions.cause, who, remedy],
          ['platform_refuses', seen.state, seen.cause, seen.who, seen.remedy],
          'the refusal says what the record says',
        );
        assert.deepEqual(await reportsOf(test), [['system', cause]]);
        assert.equal((await grantOf(test, grantId)).pending, null, 'one answer is no verdict');
        told = { seen, answer };
      });
      await withHouse(async (test) => {
        const { connectionId } = await connected(test, platform);
        await reportFailure(test.ctx, connectionId, told!.answer);
        assert.deepEqual(await recordOf(test, connectionId), told!.seen);
      });
    });

  it('and is lifted once the platform lists the accounts again', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'linkedin');
      await test.control('POST', 'linkedin/break', { how: 'member_restricted' });
      await refusedRefresh(test, connectionId);
      await test.control('POST', 'linkedin/mend', { how: 'member_restricted' });
      test.clock.advance(MINUTE);
      const back = await refreshConnection(test.ctx, connectionId);
      assert.deepEqual([back.state, back.cause], ['active', null]);
    }));

  it('says of a loss that waits to be confirmed what the record says, and kills nothing by one answer', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'trade-desk', 'api_token');
      await test.control('POST', 'trade-desk/break', { how: 'token_revoked' });
      const { problem } = await refusedRefresh(test, connectionId);
      const seen = await recordOf(test, connectionId);
      const { state, cause, who, remedy } = problem.extensions;
      assert.deepEqual([state, cause, who, remedy], ['suspect', seen.cause, 'nobody', seen.remedy]);
    }));
});
