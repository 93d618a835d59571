import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import pg from 'pg';
import { freshPostgresUrl } from './support/database.ts';
import { KEY, rowOf, runMain, type Service, startMain } from './support/service.ts';
import { callWith } from './support/signIn.ts';

const keyOf = (byte: number): string => Buffer.alloc(32, byte).toString('base64');

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'evergrant-start-'));
  folders.push(folder);
  return folder;
}

/** Runs until it ends by itself: it is expected not to start. */
async function refused(env: Readonly<Record<string, string>>): Promise<string> {
  const child = runMain(env);
  const { code } = await child.ended;
  assert.equal(code, 1, child.stdout);
  assert.match(child.stderr, /^Evergrant cannot start\. /);
  assert.doesNotMatch(child.stderr, /\n {4}at /, 'words, no stack');
  return child.stderr;
}

/** Every row of every table, as text. */
async function dump(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tables = await client.query(
      "select table_name as name from information_schema.tables where table_schema = 'public' order by 1",
    );
    const parts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query(`select t::text as row from "${name}" t order by 1`);
      parts.push(name, ...rows.map(({ row }) => row));
    }
    return parts.join('\n');
  } finally {
    await client.end();
  }
}

async function onDatabase(databaseUrl: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

describe('a start that cannot be', () => {
  it('names every mistake in the environment at once, and repeats no value', async () => {
    const folder = freshFolder();
    const said = await refused({
      PORT: 'seventy',
      HOST: '0.0.0.0',
      DATABASE_URL: 'mysql://secret-one@db',
      EVERGRANT_DATA_DIR: join(folder, 'data'),
      EVERGRANT_MASTER_KEY: 'secret-two',
      EVERGRANT_BOOTSTRAP_API_KEY: 'secret-three',
      EVERGRANT_SANDBOX: 'maybe',
      EVERGRANT_LOG_LEVEL: 'loud',
    });
    const wrong = ['PORT', 'DATABASE_URL', 'EVERGRANT_PUBLIC_URL', 'EVERGRANT_MASTER_KEY'];
    for (const name of [...wrong, 'EVERGRANT_BOOTSTRAP_API_KEY', 'EVERGRANT_SANDBOX', 'EVERGRANT_LOG_LEVEL'])
      assert.match(said, new RegExp(`^ {2}- ${name} `, 'm'));
    assert.doesNotMatch(said, /secret-|seventy|loud|maybe/);
    assert.deepEqual(readdirSync(folder), [], 'nothing was made');
  });

  it('says in words that a port is taken, its own or the sandbox’s, before anything is opened', async (test) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    test.after(() => other.close());
    const { port } = other.address() as { port: number };
    const folder = join(freshFolder(), 'data');
    const env = { EVERGRANT_DATA_DIR: folder, EVERGRANT_SANDBOX: 'on' };
    const own = await refused({ ...env, PORT: String(port), EVERGRANT_SANDBOX_PORT: '0' });
    assert.match(own, new RegExp(`Port ${port} .*in use.*PORT`));
    const sandbox = await refused({ ...env, PORT: '0', EVERGRANT_SANDBOX_PORT: String(port) });
    assert.match(sandbox, new RegExp(`Port ${port} .*in use.*EVERGRANT_SANDBOX_PORT`));
    assert.throws(() => readdirSync(folder), /ENOENT/, 'nothing was made');
  });

  it('names every obstacle at once: ports that are taken, and a folder that cannot be one', async (test) => {
    const others = [createServer(), createServer()];
    for (const other of others) await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    test.after(() => {
      for (const other of others) other.close();
    });
    const [own, sandbox] = others.map((other) => (other.address() as { port: number }).port);
    const file = join(freshFolder(), 'file');
    writeFileSync(file, '');
    const said = await refused({
      EVERGRANT_DATA_DIR: join(file, 'data'),
      EVERGRANT_SANDBOX: 'on',
      PORT: String(own),
      EVERGRANT_SANDBOX_PORT: String(sandbox),
    });
    assert.match(
      said,
      new RegExp(`- Port ${own} .*\n.*- Port ${sandbox} .*\n.*EVERGRANT_DATA_DIR .*is a file and no folder`),
    );
  });

  it('says within moments that the data folder cannot be made, by which user, and what to do', async () => {
    const said = await refused({ PORT: '0', EVERGRANT_DATA_DIR: '/proc/evergrant' });
    assert.match(
      said,
      /EVERGRANT_DATA_DIR \/proc\/evergrant cannot be written by user \S+ \(ENOENT\)\. No folder/,
    );
  });

  it('with a wrong master key, or on the database of a newer version, says so and changes nothing', async () => {
    const databaseUrl = await freshPostgresUrl({ migrated: false });
    const env = { PORT: '0', DATABASE_URL: databaseUrl, EVERGRANT_DATA_DIR: freshFolder() };
    const right = { ...env, EVERGRANT_MASTER_KEY: keyOf(1), EVERGRANT_BOOTSTRAP_API_KEY: KEY };
    const node = await startMain(right);
    const app = {
      platform: 'snapchat',
      environment: 'live',
      client_id: 'one',
      client_secret: 'sealed-from-now-on',
    };
    await node.expect(201, 'POST', '/v1/apps', app);
    assert.equal((await node.stop()).code, 0);

    const before = await dump(databaseUrl);
    assert.ok(!before.includes('sealed-from-now-on'));
    const said = await refused({
      ...env,
      EVERGRANT_MASTER_KEY: keyOf(2),
      EVERGRANT_BOOTSTRAP_API_KEY: 'another-key-0123456789',
    });
    assert.match(
      said,
      /The master key does not fit this database.*Nothing was changed.*EVERGRANT_MASTER_KEY/,
    );
    assert.ok(!said.includes(keyOf(2)) && !said.includes(keyOf(1)));
    assert.equal(await dump(databaseUrl), before);

    await onDatabase(
      databaseUrl,
      "insert into schema_migrations (version, name, checksum) values (9999, 'from the future', 'x')",
    );
    const inTheFuture = await dump(databaseUrl);
    assert.match(await refused(right), /newer/);
    assert.equal(await dump(databaseUrl), inTheFuture);
  });
});

describe('a service with the embedded database and the sandbox', () => {
  const folder = freshFolder();
  const env = { PORT: '0', EVERGRANT_DATA_DIR: folder, EVERGRANT_SANDBOX: 'on', EVERGRANT_SANDBOX_PORT: '0' };
  const known = { connections: [] as { id: string; platform: string; state: string }[], token: '' };

  const sandboxOf = (node: Service): string => rowOf(node.child.stdout, 'Simulated platforms') ?? '';
  const steady = () =>
    known.connections.find(({ platform, state }) => platform === 'snapchat' && state === 'active');
  const tokenOf = async (node: Service): Promise<string> =>
    (await node.expect(200, 'GET', `/v1/connections/${steady()?.id}/token`)).access_token;
  const atPlatform = async (node: Service, token: string) =>
    (await callWith(token, `${sandboxOf(node)}/adsapi.snapchat.com/v1/me`)).status;

  it('greets with the ports that it got, takes the key that it was given, and ends within seconds', async () => {
    const node = await startMain({ ...env, EVERGRANT_BOOTSTRAP_API_KEY: KEY });
    assert.notEqual(new URL(node.url).port, '0');
    assert.equal(rowOf(node.child.stdout, 'API key'), KEY);
    assert.equal((await fetch(`${node.url}/readyz`)).status, 200);
    assert.equal((await fetch(`${node.url}/v1/connections`)).status, 401, 'not without the key');
    const { data: clients } = await node.expect(200, 'GET', '/v1/clients');
    const session = { client_id: clients[0].id, platform: 'snapchat' };
    const { url } = await node.expect(201, 'POST', '/v1/connect-sessions', session);
    assert.equal(new URL(url).origin, node.url, 'links lead to the real port');
    known.connections = (await node.expect(200, 'GET', '/v1/connections?limit=100')).data;
    assert.ok(known.connections.length > 5, 'the example is there');
    known.token = await tokenOf(node);
    const second = await refused(env);
    assert.ok(
      second.includes(
        `running already with the data in ${folder}, as process ${node.child.process.pid}, at ${node.url}.`,
      ),
      second,
    );
    assert.equal(await atPlatform(node, known.token), 200);
    const asked = Date.now();
    assert.deepEqual(await node.stop(), { code: 0, signal: null });
    assert.ok(Date.now() - asked < 5_000, `${Date.now() - asked} ms`);
  });

  it('refuses another master key in words', async () => {
    const path = join(folder, 'master.key');
    const right = readFileSync(path, 'utf8');
    writeFileSync(path, `${keyOf(3)}\n`);
    assert.match(await refused(env), /The master key does not fit this database.*Nothing was changed/);
    rmSync(path);
    assert.match(await refused(env), /There is no key file at .*Restore it from its backup/);
    assert.throws(() => readFileSync(path), /ENOENT/, 'no other key is put in its place');
    writeFileSync(path, right, { mode: 0o600 });
  });

  it('warns in its log of a key file that others can read', async () => {
    chmodSync(join(folder, 'master.key'), 0o644);
    const node = await startMain(env);
    await node.stop();
    chmodSync(join(folder, 'master.key'), 0o600);
    assert.match(
      node.child.stdout,
      /"level":40.*can be read or changed by others \(mode 644\). Run: chmod 600/,
    );
  });

  it('says that the key was made earlier where it is kept nowhere, and how to set another', async () => {
    const node = await startMain(env);
    await node.stop();
    assert.match(node.child.stdout, /API key: +made at an earlier start.* EVERGRANT_BOOTSTRAP_API_KEY=/);
  });

  it('says of a key that was revoked, given or from its file, that it works no more, and how to get another', async () => {
    const path = join(folder, 'sandbox-api-key');
    const first = await startMain({ ...env, EVERGRANT_BOOTSTRAP_API_KEY: KEY });
    const body = { name: 'another', scopes: ['admin'] };
    const another = await first.expect(201, 'POST', '/v1/api-keys', body);
    await first.expect(204, 'DELETE', `/v1/api-keys/${another.id}`);
    await first.stop();
    writeFileSync(path, `${another.key}\n`);
    const given = await startMain({ ...env, EVERGRANT_BOOTSTRAP_API_KEY: another.key });
    await given.stop();
    assert.equal(existsSync(path), false, 'a dead key is not kept');
    writeFileSync(path, `${another.key}\n`);
    const filed = await startMain(env);
    await filed.stop();
    assert.equal(existsSync(path), false);
    for (const [{ child }, place] of [
      [given, 'EVERGRANT_BOOTSTRAP_API_KEY'],
      [filed, path],
    ] as const) {
      const said = `API key: +the one in ${place} was revoked .*EVERGRANT_BOOTSTRAP_API_KEY="evg_`;
      assert.match(child.stdout, new RegExp(said));
      assert.ok(!child.stdout.includes(another.key));
    }
    const next = 'evg_another-key-of-the-tests-0123456789';
    writeFileSync(path, `${another.key}\n`);
    const mended = await startMain({ ...env, EVERGRANT_BOOTSTRAP_API_KEY: next }, next);
    assert.equal(rowOf(mended.child.stdout, 'API key'), next);
    assert.equal(readFileSync(path, 'utf8'), `${next}\n`, 'the file has the key that works');
    rmSync(path);
    await mended.expect(200, 'GET', '/v1/api-keys');
    await mended.stop();
  });

  it('finds its data at the second start, and the simulated platforms know their tokens', async () => {
    const node = await startMain(env);
    const { data } = await node.expect(200, 'GET', '/v1/connections?limit=100');
    const brief = (all: typeof known.connections) => all.map(({ id, state }) => `${id} ${state}`).sort();
    assert.deepEqual(brief(data), brief(known.connections));
    assert.equal(await tokenOf(node), known.token);
    assert.equal(await atPlatform(node, known.token), 200);
    const renewed = await node.expect(200, 'POST', `/v1/connections/${steady()?.id}/renew`);
    assert.equal(renewed.outcome, 'renewed');
    assert.equal(await atPlatform(node, await tokenOf(node)), 200);
    assert.equal((await node.stop()).code, 0);
  });
});
