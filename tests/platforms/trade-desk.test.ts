import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlatformAnswer } from '../../src/core/answer.ts';
import { deadlineOf } from '../../src/core/deadline.ts';
import { type Diagnosis, diagnose } from '../../src/core/diagnosis.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/instant.ts';
import type { Held, MethodAdapter } from '../../src/platforms/kit/adapter.ts';
import { readFields } from '../../src/platforms/kit/fields.ts';
import { tradeDesk } from '../../src/platforms/trade-desk/index.ts';
import { simulateTradeDesk } from '../../src/platforms/trade-desk/simulator.ts';
import { type Bench, benchFor, factsOf, heldAfter } from '../support/simulated.ts';

type MethodId = 'api_token' | 'login_exchange';

const IDA = 'api.ida@summer.example';
const NOAH = 'api.noah@winter.example';

const newBench = () => benchFor(tradeDesk, [simulateTradeDesk]);
const adapterOf = (id: MethodId) => tradeDesk.adapter.methods[id] as MethodAdapter;
const methodOf = (id: MethodId) =>
  tradeDesk.profile.methods.find((method) => method.id === id) ?? assert.fail();
const logins = (bench: Bench) =>
  bench.sent.filter((request) => request.url.endsWith('/authentication')).length;

const accept = (bench: Bench, id: MethodId, fields: Record<string, string>) =>
  adapterOf(id).accept?.(bench.io, bench.app, fields) ?? assert.fail();

async function connect(
  bench: Bench,
  id: MethodId,
  person = IDA,
  changed: Record<string, string> = {},
): Promise<Held> {
  const outcome = await accept(bench, id, {
    ...bench.simulator.fields('trade-desk', id, person),
    ...changed,
  });
  assert.ok(outcome.ok, JSON.stringify(outcome));
  const { value } = outcome;
  const facts = factsOf(tradeDesk, methodOf(id), value, []);
  return {
    secrets: value.secrets,
    identity: value.identity ?? null,
    facts: { ...facts, renewable: id === 'login_exchange' },
  };
}

function breakIt(bench: Bench, how: string): void {
  const broken = bench.simulator.breaks('trade-desk').find((one) => one.how === how) ?? assert.fail(how);
  broken.apply({ identity: IDA });
}

function read(bench: Bench, held: Held | undefined, answer: PlatformAnswer): Diagnosis {
  return diagnose(tradeDesk.adapter.checks, answer, held?.facts, bench.clock.now());
}

async function probe(bench: Bench, id: MethodId, held: Held) {
  const result = await adapterOf(id).probe(bench.io, bench.app, held);
  return {
    verdict: result.verdict,
    diagnosis: 'answer' in result ? read(bench, held, result.answer) : undefined,
  };
}

describe('The Trade Desk API tokens', () => {
  it('end on the date that was entered, which is the deadline', async () => {
    const bench = newBench();
    const fields = bench.simulator.fields('trade-desk', 'api_token');
    const held = await connect(bench, 'api_token', IDA, fields);
    const end = Date.parse(`${fields.expires_on}T00:00:00Z`);
    assert.equal(held.facts.accessExpiresAt, end);
    assert.equal(deadlineOf(methodOf('api_token').cadence, held.facts)?.at, end);
  });

  for (const [wrong, expires_on, sentence] of [
    ['no date', 'next year', /YYYY-MM-DD/],
    ['a day that does not exist', '2027-02-31', /a day that exists/],
    ['a month that does not exist', '2027-13-01', /a day that exists/],
    ['a date that has passed', '2026-11-21', /begun or is over/],
    ['today', '2026-11-22', /begun or is over/],
    ['a date beyond the longest life', '2036-11-21', /more than a year ahead/],
    ['nothing', ' ', /is needed/],
  ] as const) {
    it(`are refused with ${wrong} for an end, by the name of the field`, () => {
      const { fields } = methodOf('api_token');
      const { errors } = readFields(fields, { token: 'abc', expires_on }, newBench().clock.now());
      assert.deepEqual(Object.keys(errors), ['expires_on']);
      assert.match(errors.expires_on ?? '', sentence);
    });
  }

  it('that The Trade Desk refuses are refused by the name of the field, without “nothing to do”', async () => {
    const bench = newBench();
    for (const token of ['notatoken', 'not-a-token']) {
      const outcome = await accept(bench, 'api_token', { token, expires_on: '2027-05-01' });
      assert.ok(!outcome.ok);
      assert.deepEqual(Object.keys(outcome.refused ?? {}), ['token']);
      assert.match(outcome.refused?.token ?? '', /The Trade Desk refuses this token. Check/);
    }
  });

  it('of a user without API access are not called wrong, and neither is any while the platform is down', async () => {
    for (const how of ['api_access_withdrawn', 'rate_limited', 'outage']) {
      const bench = newBench();
      breakIt(bench, how);
      const outcome = await accept(
        bench,
        'api_token',
        bench.simulator.fields('trade-desk', 'api_token', IDA),
      );
      assert.ok(!outcome.ok && outcome.refused === undefined, how);
    }
  });

  it('may be pasted with blanks and line breaks', async () => {
    const bench = newBench();
    const fields = bench.simulator.fields('trade-desk', 'api_token');
    const token = ` ${fields.token?.slice(0, 30)}\n${fields.token?.slice(30)} `;
    assert.equal(
      (await connect(bench, 'api_token', IDA, { ...fields, token })).secrets.access_token,
      fields.token,
    );
  });

  it('are known by a seat, the same for the next token of the same user and another for another user', async () => {
    const bench = newBench();
    const held = await connect(bench, 'api_token');
    const next = await connect(bench, 'api_token');
    assert.notEqual(next.secrets.access_token, held.secrets.access_token);
    assert.equal(next.identity?.id, held.identity?.id);
    assert.notEqual((await connect(bench, 'api_token', NOAH)).identity?.id, held.identity?.id);
  });

  it('are refused where they reach no seat, and it is told why', async () => {
    const bench = newBench();
    breakIt(bench, 'no_seat_left');
    const outcome = await accept(bench, 'api_token', bench.simulator.fields('trade-desk', 'api_token', IDA));
    assert.ok(!outcome.ok);
    assert.equal(read(bench, undefined, outcome.answer).cause, 'not_provisioned');
  });

  it('that die early are told as revoked, those past their date as ended', async () => {
    const bench = newBench();
    const held = await connect(bench, 'api_token');
    breakIt(bench, 'token_revoked');
    const early = await probe(bench, 'api_token', held);
    assert.deepEqual([early.verdict, early.diagnosis?.cause], ['dead', 'revoked_by_user']);
    bench.clock.advance(181 * DAY_MS);
    assert.equal((await probe(bench, 'api_token', held)).diagnosis?.cause, 'renewal_credential_expired');
  });

  it('are not declared dead when API access is withdrawn: a new one would not help', async () => {
    const bench = newBench();
    const held = await connect(bench, 'api_token');
    breakIt(bench, 'api_access_withdrawn');
    const seen = await probe(bench, 'api_token', held);
    assert.deepEqual([seen.verdict, seen.diagnosis?.cause], ['unclear', 'not_provisioned']);
  });
});

describe('The Trade Desk logins', () => {
  it('that are refused at connect name both fields, and say nothing of a changed password', async () => {
    const bench = newBench();
    const outcome = await accept(bench, 'login_exchange', { login: IDA, password: 'wrong' });
    assert.ok(!outcome.ok);
    assert.deepEqual(Object.keys(outcome.refused ?? {}), ['login', 'password']);
    assert.doesNotMatch(JSON.stringify(outcome.refused), /changed|wrong/);
    assert.equal(logins(bench), 1);
  });

  it('bring a token of a day, and the next one leaves the first alive', async () => {
    const bench = newBench();
    const held = await connect(bench, 'login_exchange');
    assert.equal(held.facts.accessExpiresAt, bench.clock.now() + DAY_MS);
    bench.clock.advance(19 * HOUR_MS);
    const renewed = await adapterOf('login_exchange').renew?.(bench.io, bench.app, held);
    assert.ok(renewed?.ok);
    const next = heldAfter(held, renewed.value);
    assert.equal(next.secrets.password, held.secrets.password);
    assert.equal((await probe(bench, 'login_exchange', held)).verdict, 'alive');
    bench.clock.advance(6 * HOUR_MS);
    assert.equal((await probe(bench, 'login_exchange', held)).diagnosis?.cause, 'access_token_expired');
    assert.equal((await probe(bench, 'login_exchange', next)).verdict, 'alive');
  });

  it('are tried once and no more when the password is refused, and need a person', async () => {
    const bench = newBench();
    const held = await connect(bench, 'login_exchange');
    breakIt(bench, 'password_changed');
    const before = logins(bench);
    const outcome = await adapterOf('login_exchange').renew?.(bench.io, bench.app, held);
    assert.ok(outcome && !outcome.ok);
    assert.equal(logins(bench), before + 1);
    const diagnosis = read(bench, held, outcome.answer);
    assert.deepEqual([diagnosis.cause, diagnosis.meaning], ['password_changed', 'person_needed']);
  });

  it('are never caused by a 403, whatever it says', async () => {
    const bench = newBench();
    const held = await connect(bench, 'login_exchange');
    const before = logins(bench);
    for (const Message of [
      'Forbidden',
      'The supplied auth token is not valid or has expired.',
      'You are not authorized to access Partner',
    ]) {
      const send: Bench['io']['send'] = async (request) => {
        bench.sent.push(request);
        return {
          kind: 'answer',
          endpoint: request.endpoint,
          status: 403,
          headers: {},
          body: JSON.stringify({ Message }),
        };
      };
      await adapterOf('login_exchange').probe({ ...bench.io, send }, bench.app, held);
      await adapterOf('login_exchange').accounts({ ...bench.io, send }, bench.app, held);
    }
    assert.equal(logins(bench), before);
  });

  it('stop when the token that a login just brought is refused', async () => {
    const bench = newBench();
    const held = await connect(bench, 'login_exchange');
    const body = JSON.stringify({ Message: 'The supplied auth token is not valid or has expired.' });
    const diagnosis = read(bench, held, { kind: 'answer', endpoint: 'api', status: 403, headers: {}, body });
    assert.notEqual(diagnosis.cause, 'access_token_expired');
    assert.equal(diagnosis.meaning, 'person_needed');
  });

  it('keep login and password out of everything that is not secret', async () => {
    const bench = newBench();
    const held = await connect(bench, 'login_exchange');
    const password = held.secrets.password ?? assert.fail();
    assert.ok(!JSON.stringify([held.facts, held.identity]).includes(password));
    assert.ok(!bench.sent.some((request) => request.url.includes(password)));
  });
});

describe('The Trade Desk accounts', () => {
  it('are the advertisers of every seat, over all pages', async () => {
    const bench = newBench();
    const accounts = await adapterOf('api_token').accounts(
      bench.io,
      bench.app,
      await connect(bench, 'api_token'),
    );
    assert.ok(accounts.ok);
    assert.deepEqual(
      accounts.value.map((account) => [account.name, account.status, account.currency]),
      [
        ['Summer Shoes', 'active', 'EUR'],
        ['Summer Hats', 'closed', 'USD'],
        ['Swimwear', 'active', null],
        ['Autumn Tea', 'active', 'JPY'],
      ],
    );
  });

  it('of other seats are listed where one seat is refused', async () => {
    const bench = newBench();
    const held = await connect(bench, 'api_token');
    const send: Bench['io']['send'] = async (request) => {
      if (!request.body?.includes('seatsum')) return bench.io.send(request);
      const body = JSON.stringify({
        Message: "The user is not authorized to access Partner 'seatsum' or the partner does not exist.",
      });
      return { kind: 'answer', endpoint: request.endpoint, status: 403, headers: {}, body };
    };
    const accounts = await adapterOf('api_token').accounts({ ...bench.io, send }, bench.app, held);
    assert.ok(accounts.ok && accounts.value.length === 1);
  });

  it('and everything else go to the platform’s own sandbox where the app says so', async () => {
    const bench = newBench();
    const app = { ...bench.app, settings: { deployment: 'sandbox' } };
    const outcome = await adapterOf('api_token').accept?.(
      bench.io,
      app,
      bench.simulator.fields('trade-desk', 'api_token'),
    );
    assert.ok(outcome?.ok);
    assert.deepEqual(
      [...new Set(bench.sent.map((request) => new URL(request.url).host))],
      ['ext-api.sb.thetradedesk.com'],
    );
  });
});
