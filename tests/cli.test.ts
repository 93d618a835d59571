import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { COMMANDS } from '../src/cli/commands.ts';
import { optionsOf } from '../src/cli/options.ts';
import { run } from '../src/cli/run.ts';
import { knownState } from '../src/cli/stateWords.ts';
import { STATE_WORDS } from '../src/core/grantState.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import { type ApiUser, connect, openTestServer, type TestServer } from './support/server.ts';

const CLI = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const KEY = 'evg_canary-key-that-must-not-leak';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const folder = mkdtempSync(join(tmpdir(), 'evergrant-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Only what is needed of the environment, so that no setting of the machine comes in. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawn(process.execPath, [CLI, ...args], { cwd: folder, env: { PATH: process.env.PATH, ...env } });
}

async function evergrant(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = '',
): Promise<Ended> {
  const child = start(args, env);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text) => (texts[name] += text));
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  return { code, ...texts };
}

/** The same without a process of its own: for what takes no part of the world but its arguments. */
async function quick(args: readonly string[]): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  const into = (name: keyof typeof texts) => ({
    write: (text: string) => {
      texts[name] += text;
      return true;
    },
    drained: async () => undefined,
  });
  const nothing = { async *[Symbol.asyncIterator]() {} };
  const code = await run(args, {
    env: {},
    stdin: nothing,
    stdout: into('stdout'),
    stderr: into('stderr'),
    now: Date.now,
    sleep: async () => undefined,
  });
  return { code, ...texts };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

const linesIn = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe('help', () => {
  it('lists every command, and the exit codes', async () => {
    const { code, stdout, stderr } = await evergrant(['--help']);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    for (const { name, summary } of COMMANDS)
      assert.match(stdout, new RegExp(`^  ${name} +\\S`, 'm'), summary);
    for (const exit of [0, 1, 2, 3, 4, 5, 6, 130]) assert.match(stdout, new RegExp(`^  ${exit} +\\w`, 'm'));
  });

  it('of each command has its usage and an example that is understood', async () => {
    for (const { name, examples, options = {} } of COMMANDS) {
      const { code, stdout } = await quick([...name.split(' '), '--help']);
      assert.equal(code, 0, name);
      assert.match(stdout, new RegExp(`Usage: evergrant ${name}\\b`), name);
      assert.match(stdout, /Example:\n\s+\S/, name);
      for (const option of Object.keys(options))
        assert.ok(stdout.includes(`--${option} `), `${name} --${option}`);
      for (const example of examples) {
        for (const [option] of example.matchAll(/--[a-z-]+/g))
          assert.ok(stdout.includes(`  ${option}`), `${example}: ${option}`);
      }
    }
  });

  it('of a command says that options can be given, and which of them several times', async () => {
    const { stdout } = await quick(['api-keys', 'create', '--help']);
    assert.match(stdout, /^Usage: evergrant api-keys create \[options\]$/m);
    assert.match(stdout, /--scope SCOPE .*; may be given several times$/m);
    assert.match((await quick(['connections', 'show', '-h'])).stdout, /show CONNECTION \[options\]$/m);
  });

  it('is the page of the documents', async () => {
    const { cliPage } = await import('../scripts/cliPage.ts');
    const kept = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8');
    assert.ok(kept === cliPage(), 'docs/cli.md is out of date: run npm run gen');
  });
});

describe('a command line that is wrong', () => {
  const WRONG: readonly (readonly [args: readonly string[], words: RegExp])[] = [
    [[], /Usage: evergrant COMMAND/],
    [['frobnicate'], /no command “frobnicate”/],
    [['connections', 'frobnicate'], /^ {2}connections list .*\n {2}connections show /m],
    [['clock', 'back'], /no command “clock back”.*\n {2}clock .*\n.*\n.*\n {2}clock forward +.*never back/],
    [['--url', 'http://127.0.0.1', 'clock'], /The command comes first/],
    [['keys'], /Usage: evergrant keys rotate/],
    [['token'], /CONNECTION is missing/],
    [
      ['token', 'con_1', 'con_2'],
      /“con_2” is more than this command takes. Usage: evergrant token CONNECTION/,
    ],
    [['token', 'con_1', '--frobnicate=1'], /has no option --frobnicate\. It has: --min-ttl, /],
    [['token', 'con_1', '--toString'], /has no option --toString/],
    [['token', 'con_1', '-x'], /has no option -x/],
    [['token', 'con_1', '--json=yes'], /--json takes no value/],
    [
      ['token', 'con_1', '--min-ttl', 'soon'],
      /--min-ttl has to be a whole number from 0 to 86400, not “soon”/,
    ],
    [['token', 'con_1', '--min-ttl', '1', '--min-ttl', '2'], /--min-ttl can be given once only/],
    [
      ['connections', 'list', '--state', 'fine'],
      /no state “fine”.*works, "works in part".* broken, disconnected\./,
    ],
    [['connect', '--platform', 'any'], /--client ID/],
    [['connect', '--client', 'cli_1'], /--platform PLATFORM/],
    [
      ['connect', '--connection', 'con_1', '--app', 'app_1', '--name', 'x'],
      /--connection settles these by itself; leave them out: --app, --name\./,
    ],
    [['activity', '--action', 'nope'], /There is no action “nope”. There is: .*grant\.renewed/],
    [['activity', '--verify', '--limit', '3'], /--verify checks the whole log/],
    [
      ['api-keys', 'create', '--name', 'x', '--scope', 'all'],
      /--scope does not know “all”. It knows: admin, /,
    ],
    [
      ['platforms', '--url', 'grants.example.com'],
      /: --url \(or EVERGRANT_URL\) has to be the http\(s\) address/,
    ],
    [['platforms', '--api-key-file', '/does/not/exist'], /cannot be read.*ENOENT/],
    [['diagnose', '/does/not/exist'], /cannot be read.*ENOENT/],
    [
      ['clock', 'forward', '--by', '-1d'],
      /a span above 0, such as 30s, .* not “-1d”: the clock only goes forward/,
    ],
    [['clock', 'forward', '--to', '-1d'], /--to has to be next-renewal, .* not “-1d”/],
    [['clock', 'forward', '-1d'], /has no option -1d/],
    [['simulate', '--days', '-3'], /--days has to be a whole number from 1 to 4000, not “-3”/],
    [['sandbox', '--misbehave', '-1'], /--misbehave has to be a number from 0/],
  ];

  it('ends with 2 and says what is wrong', async () => {
    for (const [args, words] of WRONG) {
      const { code, stdout, stderr } = await quick(args);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, words);
      assert.equal(stdout, '', 'nothing that a script could take for a result');
    }
  });

  it('with an option whose value is missing, or begins with a dash, says so for every option that takes one', async () => {
    for (const command of COMMANDS) {
      for (const [name, option] of Object.entries(optionsOf(command))) {
        if (option.value === undefined) continue;
        const line = [...command.name.split(' '), ...(command.args ?? []).map(() => 'x'), `--${name}`];
        for (const rest of [[], [''], ['--json'], ['-x']]) {
          const { code, stderr } = await quick([...line, ...rest]);
          assert.equal(code, 2, line.join(' '));
          assert.ok(stderr.includes(`--${name} needs a value: --${name} ${option.value}, `), stderr);
          if (rest[0] === '-x') assert.ok(stderr.includes(`write --${name}=-x`), stderr);
        }
      }
    }
  });

  it('with a key in it is refused, and the key is not repeated', async () => {
    for (const args of [['--api-key', KEY], [`--api-key=${KEY}`]]) {
      const { code, stdout, stderr } = await evergrant(['platforms', ...args]);
      assert.equal(code, 2);
      assert.match(stderr, /EVERGRANT_API_KEY/);
      assert.ok(!`${stdout}${stderr}`.includes(KEY));
    }
  });
});

describe('the process', () => {
  it('loads no world, no database and no server for commands that ask the service', () => {
    const loaded = new Set<string>();
    const load = (file: URL): void => {
      if (loaded.has(file.pathname)) return;
      loaded.add(file.pathname);
      const text = readFileSync(file, 'utf8');
      for (const [, path] of text.matchAll(/^(?:import|export) (?!type )[\w\s{},*]*from '(\.[^']+)'/gm))
        load(new URL(path!, file));
    };
    load(new URL('../src/cli/main.ts', import.meta.url));
    const heavy =
      /\/src\/(store|server|keeper|wire|vault|main\.ts|simulator\/world\/(world|stores|workers)\.ts)/;
    assert.deepEqual(
      [...loaded].filter((path) => heavy.test(path)),
      [],
    );
    assert.ok([...loaded].some((path) => path.endsWith('/src/cli/simulate.ts')));
  });

  it('ends with the code of its command', async () => {
    assert.equal((await evergrant(['token', '--help'])).code, 0);
    const { code, stdout, stderr } = await evergrant(['token']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^evergrant: CONNECTION is missing/);
  });
});

describe('a service that is not there', () => {
  it('ends with 6 and says where it was looked for', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, stdout, stderr } = await evergrant(['token', 'con_1'], {
      EVERGRANT_URL: url,
      EVERGRANT_API_KEY: KEY,
    });
    assert.equal(code, 6);
    assert.equal(stdout, '');
    assert.equal(
      stderr,
      [
        `evergrant: Nothing answers at ${url} (ECONNREFUSED). Check that Evergrant runs, and that the url is right.`,
        'Start it with “npm start” (from a checkout: a sandbox) or “evergrant serve”.',
        'Where it answers elsewhere, name that address: --url URL, or EVERGRANT_URL.\n',
      ].join('\n'),
    );
    const asJson = await evergrant(['token', 'con_1', '--json'], {
      EVERGRANT_URL: url,
      EVERGRANT_API_KEY: KEY,
    });
    assert.equal(asJson.code, 6);
    assert.equal(JSON.parse(asJson.stderr).error.code, 'network_error');
  });
});

describe('diagnose', () => {
  /** Every documented answer of every platform, as lines. */
  const fixtures = PLATFORMS.flatMap(({ profile: { id: platform } }) => {
    const url = new URL(`../src/platforms/${platform}/fixtures/`, import.meta.url);
    const all = readdirSync(url).flatMap((name) => JSON.parse(readFileSync(new URL(name, url), 'utf8')));
    return all.map(({ endpoint, status, headers, body, expect }) => ({
      platform,
      endpoint,
      status,
      headers,
      body,
      expect,
    }));
  });

  it('reads every documented answer, in the same order', async () => {
    const input = fixtures.map((fixture) => JSON.stringify(fixture)).join('\n');
    const { code, stdout } = await evergrant(['diagnose'], {}, input);
    assert.equal(code, 0);
    const results = linesIn(stdout);
    assert.equal(results.length, fixtures.length);
    const agreeing = fixtures.filter(({ expect }, at) =>
      [results[at].cause, ...results[at].acceptable_others].includes(expect.cause),
    );
    // A few can be told only from what is known about the grant, which is not at hand here.
    assert.ok(agreeing.length > fixtures.length * 0.9, `${agreeing.length} of ${fixtures.length}`);
    for (const result of results)
      assert.deepEqual(Object.keys(result).slice(0, 5), ['cause', 'meaning', 'permanent', 'who', 'reach']);
  });

  it('goes on after lines that it cannot read, says why in their place, and ends with 1', async () => {
    const good = JSON.stringify({ platform: PLATFORMS[0]?.profile.id, status: 429 });
    const lines = [
      good,
      '{"platform":',
      '[]',
      '{"status":400}',
      '{"platform":"nobody","status":400}',
      good.replace('429', '"429"'),
      '',
      good,
    ];
    const file = join(folder, 'answers.jsonl');
    writeFileSync(file, `\uFEFF${lines.join('\r\n')}`);
    const { code, stdout, stderr } = await evergrant(['diagnose', file]);
    assert.equal(code, 1);
    assert.match(stderr, /6 of 8 lines/);
    const results = linesIn(stdout);
    assert.deepEqual(
      results.map((result) => result.line ?? result.cause),
      ['rate_limited', 2, 3, 4, 5, 6, 7, 'rate_limited'],
    );
    assert.match(results[4].error, /no platform “nobody”/);
    assert.match(results[6].error, /The line is empty/);
  });

  it('knows a success, and a time to wait that stands in words', async () => {
    const token = { access_token: 'x', expires_in: 3600 };
    const message = 'Too many requests. Retry in 30 seconds.';
    const lines = PLATFORMS.flatMap(({ profile: { id: platform } }) => [
      { platform, endpoint: 'token', status: 200, body: token },
      { platform, endpoint: 'token', status: 200, body: '' },
      { platform, status: 429, body: { message } },
    ]);
    const { stdout } = await evergrant(
      ['diagnose'],
      {},
      lines.map((line) => JSON.stringify(line)).join('\n'),
    );
    for (const [at, result] of linesIn(stdout).entries()) {
      const { platform } = lines[at]!;
      if (at % 3 === 0)
        assert.deepEqual(
          [result.cause, result.meaning, result.permanent],
          [null, 'success', false],
          platform,
        );
      if (at % 3 === 1)
        assert.equal(result.cause, 'platform_outage', `${platform}: a token answer without a token`);
      if (at % 3 === 2 && platform !== 'trade-desk') assert.equal(result.retry_after_seconds, 30, platform);
    }
    const { json } = await user.expect(200, 'POST', '/v1/diagnose', { body: lines[0] });
    assert.equal(json.cause, null);
  });

  it('says how the API says it', async () => {
    const line = {
      platform: PLATFORMS[0]?.profile.id,
      endpoint: 'token',
      status: 400,
      body: { error: 'invalid_grant' },
    };
    const { stdout } = await evergrant(['diagnose', '-'], {}, JSON.stringify(line));
    const { json } = await user.expect(200, 'POST', '/v1/diagnose', { body: line });
    assert.deepEqual(JSON.parse(stdout), json);
  });

  it('ends quietly when nobody reads on', async () => {
    const many = `${JSON.stringify(fixtures[0])}\n`.repeat(20_000);
    const child = start(['diagnose']);
    let stderr = '';
    child.stderr.on('data', (text) => (stderr += text));
    child.stdin.on('error', () => undefined).end(many);
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 0);
    assert.equal(stderr, '');
  });
});

let server: TestServer;
let user: ApiUser;
let env: Record<string, string>;
const platform = PLATFORMS.find(({ profile }) => profile.methods[0]?.kind === 'oauth')?.profile.id ?? '';

before(async () => {
  server = await openTestServer();
  user = await server.user();
  env = { EVERGRANT_URL: server.url, EVERGRANT_API_KEY: user.key };
});
after(() => server.close());

describe('against a running service', () => {
  let works: string;
  let broken: string;
  let clientId: string;

  before(async () => {
    const first = await connect(server, user, platform);
    [works, clientId] = [first.connectionId, first.client.id];
    const second = await reconnectAs('a second one', first.app.id);
    broken = second;
  });

  /** Another connection, whose grant is then marked as lost. */
  async function reconnectAs(name: string, appId: string): Promise<string> {
    const client = (await user.expect(201, 'POST', '/v1/clients', { body: { name } })).json;
    const known = await server.test.control('GET');
    const person = known.platforms.find((one: { id: string }) => one.id === platform).people[1].id;
    const session = (
      await user.expect(201, 'POST', '/v1/connect-sessions', {
        body: { client_id: client.id, app_id: appId },
      })
    ).json;
    await server
      .browser({ 'x-simulated-consent': 'allow', 'x-simulated-person': person })
      .visit(`${session.url}/continue`);
    const { connection_id } = (await user.expect(200, 'GET', `/v1/connect-sessions/${session.id}`)).json;
    await loseGrant(connection_id);
    return connection_id;
  }

  async function loseGrant(connectionId: string): Promise<void> {
    const { store } = server.test.house;
    const view = await store.getConnection(user.ctx.workspaceId, connectionId);
    assert.ok(view);
    const now = server.test.clock.now();
    const claimed = await store.claimGrant(user.ctx.workspaceId, view.grant.id, {
      now,
      owner: 'test',
      leaseMs: 60_000,
    });
    assert.ok(claimed);
    const { previousOwner: _, ...grant } = claimed;
    const facts = { ...grant.facts, accessDeadAt: now };
    const lost = {
      ...grant,
      facts,
      state: 'expired',
      stateSince: now,
      cause: 'revoked_by_user',
      dueAt: null,
      renewAt: null,
    } as const;
    await server.test.house.committer.commit({ grant: lost, activity: [] });
  }

  it('prints the token and nothing else', async () => {
    const { code, stdout, stderr } = await evergrant(['token', works], env);
    assert.equal(code, 0, stderr);
    const { json } = await user.expect(200, 'GET', `/v1/connections/${works}/token`);
    assert.equal(stdout, `${json.access_token}\n`);
    assert.equal(stderr, '');
    const whole = await evergrant(['token', works, '--json'], env);
    assert.deepEqual(JSON.parse(whole.stdout), json);
  });

  it('ends with 3 where a person is needed, and gives the link', async () => {
    const { code, stdout, stderr } = await evergrant(['token', broken], env);
    assert.equal(code, 3);
    assert.equal(stdout, '');
    assert.match(stderr, /withdrawn.*Reconnect/);
    assert.match(stderr, /\nReconnect here: http\S+\/reconnect\/\S+\n/);
    const { error } = JSON.parse((await evergrant(['token', broken, '--json'], env)).stderr);
    assert.equal(error.code, 'reauthorization_required');
    assert.equal(error.cause, 'revoked_by_user');
  });

  it('ends with 4 where there is no such thing, and with 5 where the key is not good enough', async () => {
    assert.equal((await evergrant(['token', 'con_none'], env)).code, 4);
    assert.equal((await evergrant(['platforms', 'none'], env)).code, 4);
    const none = await evergrant(['token', works], { EVERGRANT_URL: server.url });
    assert.equal(none.code, 5);
    assert.match(none.stderr, /Set EVERGRANT_API_KEY/);
    const reader = await server.keyFor(user.ctx, ['read']);
    const weak = await evergrant(['token', works], { ...env, EVERGRANT_API_KEY: reader });
    assert.equal(weak.code, 5);
    assert.match(weak.stderr, /api-keys list/);
  });

  it('takes the key from a file', async () => {
    const file = join(folder, 'key');
    writeFileSync(file, `${user.key}\n`);
    const { code } = await evergrant(['clients', 'list', '--url', server.url, '--api-key-file', file]);
    assert.equal(code, 0);
  });

  it('lists connections in a table, and as JSON', async () => {
    const { code, stdout, stderr } = await evergrant(['connections', 'list'], env);
    assert.equal(code, 0);
    const [head = '', ...rows] = stdout.trimEnd().split('\n');
    assert.match(head, /^ID +NAME +PLATFORM +STATE +SINCE/);
    assert.equal(rows.length, 2);
    const at = head.indexOf('STATE');
    assert.ok(
      rows.every((row) => /^(works|broken)\b/.test(row.slice(at))),
      stdout,
    );
    assert.ok(!stdout.includes('\u001B'), 'no colours outside a terminal');
    assert.match(stderr, /1 of 2 broken/);
  });

  it('shows in the list until when a renewal is held back, as the look at that one does', async () => {
    const other = await server.user('held');
    const own = { ...env, EVERGRANT_API_KEY: other.key };
    const { app, connectionId } = await connect(server, other, 'linkedin');
    const bare = await evergrant(['connections'], own);
    assert.doesNotMatch(bare.stdout, /HELD/);
    const since = server.test.clock.now();
    const breaker = {
      failures: 3,
      openUntil: since + 600_000,
      since,
      cause: 'app_disabled',
      check: 'x',
    } as const;
    await server.test.house.store.setBreaker(other.ctx.workspaceId, app.id, breaker);
    const { stdout } = await evergrant(['connections'], own);
    assert.match(stdout, /^ID .* HELD UNTIL /);
    const [row] = JSON.parse((await evergrant(['connections', '--json'], own)).stdout).data;
    const { held, next_renewal_at } = (await other.expect(200, 'GET', `/v1/connections/${connectionId}`))
      .json;
    assert.equal(held.reason, 'app_left_alone');
    assert.deepEqual([row.held, row.next_renewal_at], [held, next_renewal_at]);
  });

  it('narrows the list by the words that it shows, and by the name that is in its JSON', async () => {
    for (const state of ['broken', 'Broken', 'expired']) {
      const { stdout } = await evergrant(['connections', '--state', state, '--json'], env);
      assert.deepEqual(
        JSON.parse(stdout).data.map((row: { id: string }) => row.id),
        [broken],
        state,
      );
    }
    for (const [state, { words }] of Object.entries(STATE_WORDS))
      for (const spelling of [words, words.replaceAll(' ', '-'), state])
        assert.equal(knownState(spelling), state);
  });

  it('shows what is wrong with a connection, and who does what', async () => {
    const { stdout } = await evergrant(['connections', 'show', broken], env);
    for (const words of [
      /^state +broken \(expired\)$/m,
      /^no working token +since /m,
      /^who acts +the person/m,
      /^what to do +Reconnect/m,
      /^reconnect here +http/m,
    ])
      assert.match(stdout, words);
    const asJson = await evergrant(['connections', 'show', broken, '--json'], env);
    assert.equal(JSON.parse(asJson.stdout).cause, 'revoked_by_user');
  });

  it('renews', async () => {
    const renewed = await evergrant(['renew', works], env);
    assert.equal(renewed.code, 0, renewed.stderr);
    assert.match(renewed.stdout, /^(Renewed|There is nothing to renew)/);
  });

  it('reads the ad accounts again, which shows what a renewal does not meet', async () => {
    const other = await server.user('another');
    const own = { ...env, EVERGRANT_API_KEY: other.key };
    const { connectionId } = await connect(server, other, 'snapchat');
    await server.test.control('POST', 'snapchat/break', { how: 'account_access_removed' });
    const renewed = await evergrant(['renew', connectionId, '--json'], own);
    assert.deepEqual(JSON.parse(renewed.stdout).connection.missing_accounts, []);
    const { code, stdout, stderr } = await evergrant(['connections', 'refresh', connectionId], own);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^missing ad accounts +\S/m);
    const asJson = await evergrant(['connections', 'refresh', connectionId, '--json'], own);
    assert.equal(JSON.parse(asJson.stdout).cause, 'account_access_removed');
    await server.test.control('POST', 'snapchat/break', { how: 'platform_down' });
    const down = await evergrant(['connections', 'refresh', connectionId], own);
    assert.equal(down.code, 6);
    assert.match(down.stderr, /The platform did not list the ad accounts\./);
  });

  it('makes a link, waits for the person, and prints the connection', async () => {
    const child = start(['connect', '--client', clientId, '--platform', platform, '--wait'], env);
    let stdout = '';
    const link = await new Promise<string>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text) => {
        stdout += text;
        if (stdout.includes('\n')) resolve(stdout.trim());
      });
    });
    await server.browser({ 'x-simulated-consent': 'allow' }).visit(`${link}/continue`);
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 0);
    assert.match(stdout, /^http\S+\/connect\/\S+\ncon_\w+\n$/);
  });

  it('names the apps, and the option, where a platform has several', async () => {
    const { data } = (await user.expect(200, 'GET', '/v1/apps')).json;
    const made = await user.expect(201, 'POST', '/v1/apps', {
      body: { platform, environment: 'sandbox', name: 'The other one', client_id: 'x', client_secret: 'y' },
    });
    const line = ['connect', '--client', clientId, '--platform', platform];
    const { code, stderr } = await evergrant(line, env);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^evergrant: This workspace has 2 apps of .*\. Give --app, one of: .*auth methods \w+/,
    );
    for (const { id, name } of [data[0], made.json])
      assert.ok(stderr.includes(`${id} (“${name}”, sandbox)`), stderr);
    const asJson = await evergrant([...line, '--json'], env);
    const { apps } = JSON.parse(asJson.stderr).error;
    assert.deepEqual(apps.map((app: { id: string }) => app.id).sort(), [data[0].id, made.json.id].sort());
    assert.equal((await evergrant([...line, '--app', made.json.id], env)).code, 0);
    await user.expect(204, 'DELETE', `/v1/apps/${made.json.id}`);
  });

  it('calls what the API names as it is called here, in JSON too', async () => {
    const line = [
      'connect',
      '--client',
      clientId,
      '--platform',
      platform,
      '--return-url',
      'http://elsewhere.example',
    ];
    for (const rest of [[], ['--json']]) {
      const { code, stderr } = await evergrant([...line, ...rest], env);
      assert.equal(code, 2);
      assert.match(stderr, /--return-url has to be an https address/);
    }
    const spaced = await evergrant(['platforms'], { ...env, EVERGRANT_API_KEY: 'two words' });
    assert.match(
      spaced.stderr,
      /^evergrant: What EVERGRANT_API_KEY or --api-key-file holds is not an API key/,
    );
  });

  it('makes a link to reconnect', async () => {
    const { code, stdout } = await evergrant(['connect', '--connection', broken, '--json'], env);
    assert.equal(code, 0);
    const { id } = JSON.parse(stdout);
    assert.equal((await user.expect(200, 'GET', `/v1/connect-sessions/${id}`)).json.connection_id, broken);
  });

  it('makes, lists and revokes keys; a new key goes to stdout alone', async () => {
    const made = await evergrant(
      ['api-keys', 'create', '--name', 'a script', '--scope', 'token', '--scope', 'read'],
      env,
    );
    const key = made.stdout.trim();
    assert.match(key, /^evg_\S+$/);
    assert.ok(!made.stderr.includes(key));
    assert.equal((await evergrant(['token', works], { ...env, EVERGRANT_API_KEY: key })).code, 0);
    const { data } = JSON.parse((await evergrant(['api-keys', 'list', '--json'], env)).stdout);
    const { id } = data.find((row: { name: string }) => row.name === 'a script');
    assert.equal((await evergrant(['api-keys', 'revoke', id], env)).code, 0);
    assert.equal((await evergrant(['token', works], { ...env, EVERGRANT_API_KEY: key })).code, 5);
  });

  it('reads the other lists, in words and as JSON', async () => {
    for (const args of [
      ['clients'],
      ['deadlines'],
      ['outages', '--open'],
      ['activity', '--limit', '3'],
      ['platforms'],
      ['platforms', platform],
    ]) {
      const inWords = await evergrant(args, env);
      assert.equal(inWords.code, 0, `${args}: ${inWords.stderr}`);
      assert.notEqual(`${inWords.stdout}${inWords.stderr}`, '');
      const asJson = await evergrant([...args, '--json'], env);
      assert.doesNotThrow(() => JSON.parse(asJson.stdout), args.join(' '));
    }
    assert.equal(
      JSON.parse((await evergrant(['activity', '--limit', '3', '--json'], env)).stdout).data.length,
      3,
    );
    assert.equal(JSON.parse((await evergrant(['activity', '--verify', '--json'], env)).stdout).intact, true);
  });

  it('lets no name from elsewhere steer the terminal', async () => {
    const { printable } = await import('../src/cli/table.ts');
    assert.equal(printable('a\u001B[31mb\r\nc\u009Bd'), 'a [31mb c d');
  });

  it('lists apps, and says which are refused, since when and what to do', async () => {
    const { data } = (await user.expect(200, 'GET', '/v1/apps')).json;
    const { stdout } = await evergrant(['apps'], env);
    assert.match(stdout, /^ID +NAME +PLATFORM +ENVIRONMENT +STATE/m);
    const shown = await evergrant(['apps', 'show', data[0].id], env);
    assert.match(shown.stdout, /^state +works$/m);
    await server.test.house.store.setBreaker(user.ctx.workspaceId, data[0].id, {
      failures: 1,
      openUntil: server.test.clock.now(),
      since: server.test.clock.now(),
      cause: 'app_disabled',
      check: 'a.check',
    });
    const refused = await evergrant(['apps', 'show', data[0].id], env);
    assert.match(refused.stdout, /^state +refused by the platform$/m);
    assert.match(refused.stdout, /^what to do +The operator reactivates/m);
    assert.match((await evergrant(['apps'], env)).stdout, /refused .*app disabled/);
    await server.test.house.store.setBreaker(user.ctx.workspaceId, data[0].id, null);
  });

  it('says once that an authorization stays on which others rest', async () => {
    const { client_id, platform, grant_id } = (await user.expect(200, 'GET', `/v1/connections/${works}`))
      .json;
    const body = { client_id, platform, grant_id };
    const shared = (await user.expect(201, 'POST', '/v1/connections', { body })).json;
    const { code, stdout } = await evergrant(['disconnect', shared.id], env);
    assert.equal(code, 0);
    assert.equal(stdout.trim(), 'Disconnected. Other connections rest on the same authorization; it stays.');
  });

  it('disconnects', async () => {
    const { code, stdout } = await evergrant(['disconnect', works], env);
    assert.equal(code, 0);
    assert.match(stdout, /^Disconnected\. /);
    assert.equal((await evergrant(['token', works], env)).code, 1);
  });
});

describe('in this process', () => {
  it('migrates, rotates the key, and serves a sandbox whose key is found by itself', {
    timeout: 120_000,
  }, async () => {
    const dataDir = join(folder, 'data');
    const settings = { EVERGRANT_DATA_DIR: dataDir };
    const migrated = await evergrant(['migrate', '--json'], settings);
    assert.deepEqual([migrated.code, migrated.stderr], [0, '']);
    assert.deepEqual(JSON.parse(migrated.stdout), { migrated: true, wall_problem: null });
    const port = await freePort();
    const child = start(['serve', '--sandbox', '--port', String(port)], {
      ...settings,
      EVERGRANT_SANDBOX_PORT: '0',
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await new Promise<void>((ready) =>
      child.stdout.setEncoding('utf8').on('data', (text) => text.includes('Ready.') && ready()),
    );
    const { code, stdout, stderr } = await evergrant([
      'connections',
      '--json',
      '--url',
      `http://127.0.0.1:${port}`,
    ]);
    assert.equal(code, 0, stderr);
    assert.ok(JSON.parse(stdout).data.length > 5);
    const busy = await evergrant(['keys', 'rotate'], settings);
    assert.equal(busy.code, 1);
    assert.match(busy.stderr, /in use by process/);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    const before = readFileSync(join(dataDir, 'master.key'), 'utf8');
    const rotated = await evergrant(['keys', 'rotate', '--json'], settings);
    assert.equal(rotated.code, 0, rotated.stderr);
    assert.equal(JSON.parse(rotated.stdout).data_keys, 1);
    const now = readFileSync(join(dataDir, 'master.key'), 'utf8');
    assert.notEqual(now, before);
    assert.ok(!`${rotated.stdout}${rotated.stderr}`.includes(now.trim()));
  });

  it('rotates no keys where there is no database: it names the folder, and writes nothing', async () => {
    const empty = mkdtempSync(join(folder, 'empty-'));
    const there = join(empty, 'there');
    mkdirSync(there);
    for (const mistyped of [join(empty, 'dta'), there]) {
      const settings = { EVERGRANT_DATA_DIR: mistyped };
      const { code, stdout, stderr } = await evergrant(['keys', 'rotate'], settings);
      assert.deepEqual([code, stdout], [1, '']);
      assert.ok(stderr.includes(`There is no database in ${mistyped}, so nothing was done.`), stderr);
      assert.match(stderr, /EVERGRANT_DATA_DIR/);
    }
    assert.deepEqual(readdirSync(empty, { recursive: true }), ['there']);
  });

  it('names every mistake in the environment, a line each, and ends with 2', async () => {
    for (const args of [
      ['migrate'],
      ['keys', 'rotate'],
      ['serve', '--port', 'x'],
      ['serve', '--host', 'a b'],
    ]) {
      const { code, stdout, stderr } = await evergrant(args, { PORT: 'x', DATABASE_URL: 'mysql://x' });
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
      assert.match(
        stderr,
        /^evergrant: Correct the environment:\n {2}- PORT .*Example: PORT=7070\n.* {2}- DATABASE_URL /s,
      );
    }
  });
});
