import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ClientBench, clientBench } from '../support/realClient.ts';

/**
 * @goodwaygroup/lib-tradedesk is not in the npm registry (404, November 2026), so it does not run here. These tests send
 * what its source (GoodwayGroup/lib-tradedesk, src/tradedesk.ts) sends, and ask of the answers what that source reads.
 */
const LIBRARY_IS_MISSING = 'the package @goodwaygroup/lib-tradedesk is not in the npm registry';

let bench: ClientBench;
let login: { readonly login: string; readonly password: string };
before(async () => {
  bench = await clientBench('trade-desk');
  login = await bench.sandbox.control('POST', 'trade-desk/fields', { method: 'login_exchange' });
});
after(() => bench.end());

/** Its `request`: JSON, and the token in a header that is sent empty before there is one. */
function request(method: string, uri: string, payload: object | undefined, token = ''): Promise<Response> {
  return fetch(bench.at(`https://api.thetradedesk.com/v3${uri}`), {
    method,
    headers: { ...(payload && { 'Content-Type': 'application/json' }), 'TTD-Auth': token },
    ...(payload && { body: JSON.stringify(payload) }),
  });
}

/** Its `login`: the minutes only where they were chosen, `Token` from the answer. */
async function logIn(password = login.password, TokenExpirationInMinutes?: number): Promise<string> {
  const body = { Login: login.login, Password: password, TokenExpirationInMinutes };
  const answer = await request('post', '/authentication', body);
  if (!answer.ok) throw Object.assign(new Error(await answer.text()), { status: answer.status });
  return ((await answer.json()) as { Token: string }).Token;
}

const partners = (token: string) =>
  request('post', '/partner/query', { SearchTerms: [], PageStartIndex: 0, PageSize: 100 }, token);

it('@goodwaygroup/lib-tradedesk itself', { skip: LIBRARY_IS_MISSING }, () => undefined);

describe('the requests of @goodwaygroup/lib-tradedesk, without the library', () => {
  it('log in and list the seats', async () => {
    const answer = await partners(await logIn());
    const { Result, ResultCount } = (await answer.json()) as { Result: object[]; ResultCount: number };
    assert.deepEqual([answer.status, Result.length], [200, ResultCount]);
  });

  it('get a token of the minutes that were asked for, and 403 after them, on which the library logs in again', async () => {
    const token = await logIn(login.password, 10);
    bench.sandbox.clock.advance(9 * 60_000);
    assert.equal((await partners(token)).status, 200);
    bench.sandbox.clock.advance(2 * 60_000);
    const answer = await partners(token);
    const { Message } = (await answer.json()) as { Message: string };
    assert.deepEqual([answer.status, Message.includes('obtain a new token')], [403, true]);
    assert.equal((await partners(await logIn())).status, 200);
  });

  it('read one advertiser by GET, without a body', async () => {
    const token = await logIn();
    const answer = await request('get', '/advertiser/advsho1', undefined, token);
    assert.equal(((await answer.json()) as { AdvertiserName: string }).AdvertiserName, 'Summer Shoes');
  });

  it('are refused with 401 and a bare JSON string after the password was changed', async () => {
    await bench.breakIt('password_changed', { identity: login.login });
    await assert.rejects(logIn(), { status: 401, message: /^"Invalid credentials/ });
    await bench.mendIt('password_changed', { identity: login.login });
  });

  it('are refused with 400 where a field is missing, naming it', async () => {
    const answer = await request('post', '/authentication', { Login: login.login });
    const { ErrorDetails } = (await answer.json()) as { ErrorDetails: { Property: string }[] };
    assert.equal(answer.status, 400);
    assert.ok(ErrorDetails.length > 0);
  });

  it('are told how long to wait where there are too many', async () => {
    const token = await logIn();
    await bench.breakIt('rate_limited');
    const answer = await partners(token);
    await bench.mendIt('rate_limited');
    assert.deepEqual([answer.status, Number(answer.headers.get('retry-after')) > 0], [429, true]);
  });
});
