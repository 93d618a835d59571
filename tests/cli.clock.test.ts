import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../src/cli/run.ts';

const CLI = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
/** Of the service: months away from that of this machine. */
const NOW = '2027-11-22T09:00:00.000Z';
const move = (share: number, state = 'under_way') => ({
  from: NOW,
  to: '2027-12-22T09:00:00.000Z',
  at: NOW,
  share,
  state,
  renewals: 0,
  failures: 0,
});
const clockWith = (rest: object = {}) => ({
  now: NOW,
  state: 'running',
  touched: false,
  fixed_reason: null,
  ahead_seconds: 0,
  next_renewal: null,
  next_deadline: null,
  move: null,
  ...rest,
});

/** Answers that stand for those of a service, in order; the last one again and again. */
let answers: (readonly [status: number, body: object])[] = [];
let server: Server;
let env: Record<string, string>;

before(async () => {
  server = createServer((request, response) => {
    const [status, body] = (answers.length > 1 ? answers.shift() : answers[0])!;
    request.resume();
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'content-type': type, 'evergrant-time': NOW }).end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  env = {
    EVERGRANT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    EVERGRANT_API_KEY: 'evg_key-of-the-tests',
  };
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  answers = [[200, clockWith()]];
});

async function evergrant(...args: string[]) {
  const said = { stdout: '', stderr: '' };
  const into = (name: keyof typeof said) => ({
    write: (text: string) => {
      said[name] += text;
      return true;
    },
    drained: async () => undefined,
  });
  const code = await run(args, {
    env,
    stdin: (async function* () {})(),
    stdout: into('stdout'),
    stderr: into('stderr'),
    now: Date.now,
    sleep: async () => undefined,
  });
  return { code, ...said };
}

describe('the clock on the command line', () => {
  it('advises commands, not calls, where it is being moved already, and ends with 6', async () => {
    const detail =
      'The clock is on its way to X. Wait until it has arrived (GET /v1/clock), or stop it (POST /v1/clock/stop).';
    answers = [[409, { type: 'about:blank', title: 'x', status: 409, code: 'clock_moving', detail }]];
    const { code, stderr } = await evergrant('clock', 'freeze');
    assert.equal(code, 6);
    assert.match(stderr, /\(evergrant clock\), or stop it \(evergrant clock stop\)/);
  });

  it('says an estimate before a long move, and how far it is at each tenth where no terminal is', async () => {
    const steps = [0.01, 0.02, 0.03, 0.11, 0.12, 0.5, 0.51];
    answers = [
      [200, clockWith()],
      ...steps.map((share) => [200, clockWith({ move: move(share) })] as const),
      [200, clockWith({ move: move(1, 'done') })],
    ];
    const { code, stderr } = await evergrant('clock', 'forward', '--by', '30d');
    assert.equal(code, 0);
    assert.match(stderr, /^30 days take about 3 min to 8 min/);
    assert.deepEqual(stderr.match(/^\d+ %/gm), ['1 %', '11 %', '50 %']);
  });

  it('says no estimate of a move that is refused', async () => {
    const detail = 'The service says why not.';
    const refused = [
      400,
      { type: 'about:blank', title: 'x', status: 400, code: 'invalid_request', detail },
    ] as const;
    for (const [clock, span] of [
      [clockWith(), '401d'],
      [clockWith({ fixed_reason: 'There is a live app here.' }), '30d'],
      [clockWith({ move: move(0.2) }), '30d'],
    ] as const) {
      answers = [[200, clock], refused];
      const { stderr } = await evergrant('clock', 'forward', '--by', span);
      assert.match(stderr, /^evergrant: The service says why not\./);
    }
    answers = [[200, clockWith()], refused];
    assert.match((await evergrant('clock', 'forward', '--by', '400d')).stderr, /^400 days take about/);
  });

  it('says how far it is from the real time to the nearest', async () => {
    for (const [ahead_seconds, words] of [
      [86_399, /^Ahead of real time +24 h$/m],
      [3_599, /^Ahead of real time +1 h$/m],
      [-7 * 86_400 + 1, /^Behind real time +7 d$/m],
      [-1_800, /^Behind real time +30 min$/m],
    ] as const) {
      answers = [[200, clockWith({ ahead_seconds })]];
      assert.match((await evergrant('clock')).stdout, words);
    }
  });

  it('says that the move goes on, where the command is broken off', async () => {
    answers = [
      [200, clockWith()],
      [200, clockWith({ move: move(0.2) })],
    ];
    const child = spawn(process.execPath, [CLI, 'clock', 'forward', '--by', '1d'], {
      env: { PATH: process.env.PATH, ...env },
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      if (stderr === '') child.kill('SIGINT');
      stderr += text;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 130);
    assert.match(stderr, /The move goes on; stop it with: evergrant clock stop\n$/);
  });

  it('says why it cannot be moved, and that there was nothing to stop', async () => {
    answers = [[200, clockWith({ fixed_reason: 'There is a live app here.' })]];
    assert.match((await evergrant('clock')).stdout, /^Cannot be moved +There is a live app here\.$/m);
    assert.match((await evergrant('clock', 'stop')).stderr, /there was nothing to stop/);
  });

  it('is what times are counted from, not that of this machine', async () => {
    const link = { id: 'ses_1', url: 'http://127.0.0.1/connect/x', expires_at: '2027-11-22T10:00:00.000Z' };
    answers = [[201, link]];
    const { stderr } = await evergrant('connect', '--client', 'cli_1', '--platform', 'any');
    assert.match(stderr, /until 2027-11-22 10:00 UTC \(in 1 h\)/);
  });

  it('takes the next renewal with a dash and with an underscore', async () => {
    for (const to of ['next-renewal', 'next_deadline'])
      assert.equal((await evergrant('clock', 'forward', '--to', to)).code, 0);
  });
});
