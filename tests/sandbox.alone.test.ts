import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readSpan } from '../src/app/span.ts';
import { DAY_MS } from '../src/core/instant.ts';
import { MovableClock } from '../src/simulator/clock.ts';
import { seededRandom } from '../src/simulator/dice.ts';
import { Misbehaviour } from '../src/simulator/misbehaviour.ts';
import type { Sandbox } from '../src/simulator/sandbox.ts';
import { startStandalone } from '../src/simulator/standalone.ts';

const CLI = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const START = Date.parse('2026-11-22T09:00:00Z');

describe('evergrant sandbox', () => {
  it('serves every platform until it is told to stop, and says where', async () => {
    const args = [CLI, 'sandbox', '--port', '0', '--seed', '42', '--misbehave', '0', '--json'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
      const said = JSON.parse(line) as { url: string; seed: string };
      assert.equal(said.seed, '42');
      const { platforms } = (await (await fetch(`${said.url}/_control`)).json()) as { platforms: unknown[] };
      assert.equal(platforms.length, 10);
      assert.match(await (await fetch(said.url)).text(), /<h1>Simulated platforms/);
    } finally {
      child.kill('SIGTERM');
    }
    const [code] = await once(child, 'close');
    assert.equal(code, 0);
  });
});

describe('platforms that stand alone', () => {
  it('say in words that their port is taken', async () => {
    const port = Number(new URL(sandbox.url).port);
    const twice = startStandalone({ port, seed: 'x', misbehaviourRate: 0, now: () => START });
    await assert.rejects(twice, new RegExp(`Port ${port} on 127.0.0.1 is in use by another program.*--port`));
  });

  it('say “nothing” where there is nothing to push or to do', async () => {
    const { body } = await control('snapchat/signal', { signal: 'x' });
    assert.equal(body.message, 'snapchat pushes nothing.');
    const deed = await control('linkedin/do', { deed: 'x' });
    assert.equal(deed.body.message, 'Nothing can be done at linkedin.');
  });

  it('say at an unknown path which hosts are served, and where the switches are', async () => {
    const answer = await fetch(`${sandbox.url}/nowhere`);
    const { message, known } = (await answer.json()) as { message: string; known: string[] };
    assert.equal(answer.status, 404);
    assert.match(message, /switches are at \//);
    assert.ok(known.includes('accounts.google.com'));
  });

  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startStandalone({ port: 0, seed: 'x', misbehaviourRate: 0, now: () => START });
  });
  after(() => sandbox.close());

  async function control(path: string, body?: object) {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`${sandbox.url}/_control/${path}`, init);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  it('have a clock that is moved by a span, to an instant, stopped and let run', async () => {
    assert.deepEqual((await control('clock')).body, { now: '2026-11-22T09:00:00.000Z', frozen: false });
    assert.equal((await control('clock', { by: '90d' })).body.now, '2027-02-20T09:00:00.000Z');
    const stopped = await control('clock', { to: '2027-03-01T00:00:00Z', state: 'frozen' });
    assert.deepEqual(stopped.body, { now: '2027-03-01T00:00:00.000Z', frozen: true });
    const date = (await fetch(`${sandbox.url}/`)).headers.get('date');
    assert.equal(date, 'Mon, 01 Mar 2027 00:00:00 GMT');
    assert.equal((await control('clock', { state: 'running' })).body.frozen, false);
  });

  it('refuse to go back in time, and what is no span or state', async () => {
    const errors = [];
    for (const wrong of [
      { to: '2001-01-01T00:00:00Z' },
      { by: '-1d' },
      { by: 'soon' },
      { state: 'fast' },
      { to: 'x' },
    ])
      errors.push((await control('clock', wrong)).body.error);
    assert.deepEqual(errors, ['bad_instant', 'bad_span', 'bad_span', 'bad_state', 'bad_instant']);
  });

  it('move the clock only for what they understand: by a span or to an instant, 400 days at most', async () => {
    const before = (await control('clock')).body.now;
    const to = new Date(START + 3_000 * DAY_MS).toISOString();
    const asked = [{}, { x: 1 }, { by: '1d', to }, { by: '401d' }, { by: '99999999d' }, { to }];
    const refused = await Promise.all(asked.map((body) => control('clock', body)));
    assert.deepEqual(
      refused.map(({ status, body }) => `${status} ${body.error}`),
      [
        '400 nothing_said',
        '400 unknown_field',
        '400 both_said',
        '400 bad_span',
        '400 bad_span',
        '400 bad_instant',
      ],
    );
    assert.match(String(refused[4]?.body.message), /400 days at most/);
    const url = `${sandbox.url}/_control/clock`;
    for (const body of ['', 'garbage', '[]']) {
      for (const type of ['text/plain', 'application/json', 'application/x-www-form-urlencoded']) {
        const init = { method: 'POST', body, headers: { 'content-type': type }, redirect: 'manual' } as const;
        assert.equal((await fetch(url, init)).status, 400, `${type}: ${body}`);
      }
    }
    assert.equal((await control('clock')).body.now, before);
    const form = { method: 'POST', body: new URLSearchParams({ by: '1d' }), redirect: 'manual' } as const;
    assert.equal((await fetch(url, form)).status, 303);
  });

  it('misbehave at the rate that is set, and not at a consent page', async () => {
    assert.equal((await control('misbehaviour', { rate: 2 })).status, 400);
    assert.deepEqual((await control('misbehaviour', { rate: 1 })).body, { rate: 1 });
    const page = await fetch(`${sandbox.url}/`, { headers: { accept: 'text/html' } });
    assert.equal(page.status, 200);
    assert.deepEqual((await control('misbehaviour', { rate: 0 })).body, { rate: 0 });
  });
});

describe('a platform’s misbehaviour', () => {
  const request = {
    method: 'GET',
    host: 'h',
    path: '/',
    query: new URLSearchParams(),
    headers: {},
    body: '',
  };
  const drawn = (seed: string, rate: number, calls: number) => {
    const misbehaviour = new Misbehaviour(rate, seededRandom(seed));
    return Array.from({ length: calls }, () => misbehaviour.draw(request));
  };

  it('is the same for the same seed, and as frequent as its rate', () => {
    assert.deepEqual(drawn('a', 0.02, 500), drawn('a', 0.02, 500));
    const mishaps = drawn('b', 0.02, 20_000).filter((one) => one !== undefined);
    assert.ok(mishaps.length > 300 && mishaps.length < 500, `${mishaps.length} of 20000`);
    const kinds = new Set(mishaps.map((one) => one.fault ?? 'slow'));
    assert.deepEqual([...kinds].sort(), ['drop_before', 'lose_answer', 'outage', 'rate_limit', 'slow']);
  });

  it('spares people at a consent page, and is off at a rate of 0', () => {
    const always = new Misbehaviour(1, seededRandom('c'));
    assert.equal(always.draw({ ...request, headers: { accept: 'text/html,*/*' } }), undefined);
    assert.equal(always.draw({ ...request, headers: { 'x-simulated-consent': 'allow' } }), undefined);
    assert.deepEqual(drawn('d', 0, 100), Array(100).fill(undefined));
  });
});

describe('a clock that can be moved', () => {
  it('runs with the real one, stands while frozen, and goes on from there', () => {
    let real = START;
    const clock = new MovableClock(() => real);
    clock.advance(DAY_MS);
    real += 1_000;
    assert.equal(clock.now(), START + DAY_MS + 1_000);
    clock.freeze();
    real += 5_000;
    clock.advance(1);
    assert.equal(clock.now(), START + DAY_MS + 1_001);
    clock.run();
    real += 1_000;
    assert.equal(clock.now(), START + DAY_MS + 2_001);
  });

  it('reads spans in seconds, minutes, hours, days and weeks', () => {
    assert.deepEqual(['30s', '15m', '36h', '90d', '2w'].map(readSpan), [
      30_000,
      900_000,
      129_600_000,
      90 * DAY_MS,
      14 * DAY_MS,
    ]);
    assert.deepEqual([readSpan('1'), readSpan('d'), readSpan('-1d'), readSpan('')], Array(4).fill(undefined));
  });
});
