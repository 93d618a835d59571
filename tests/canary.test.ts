import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { inspect } from 'node:util';
import pg from 'pg';
import { beginAuthorization } from '../src/app/beginAuthorization.ts';
import { completeConnect } from '../src/app/completeConnect.ts';
import { submitFields } from '../src/app/connectFields.ts';
import type { Wire } from '../src/app/context.ts';
import { disconnect } from '../src/app/disconnect.ts';
import { Problem } from '../src/app/errors.ts';
import { getToken } from '../src/app/getToken.ts';
import { createApiKey, listApiKeys } from '../src/app/manageApiKeys.ts';
import { getApp, listApps, updateApp } from '../src/app/manageApps.ts';
import { createClient, listClients } from '../src/app/manageClients.ts';
import {
  getConnection,
  getGrant,
  listConnections,
  listGrants,
  refreshConnection,
} from '../src/app/manageConnections.ts';
import { overview } from '../src/app/overview.ts';
import { listActivity, listDeadlines, listOutages } from '../src/app/readHistory.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { renewGrant } from '../src/app/renewGrant.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import { startConnect } from '../src/app/startConnect.ts';
import { listPlatforms } from '../src/app/viewPlatform.ts';
import type { PlatformAnswer } from '../src/core/answer.ts';
import { replaySpool } from '../src/keeper/replaySpool.ts';
import { createMetrics } from '../src/metrics.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import type { PlatformRequest } from '../src/platforms/kit/request.ts';
import { openStore } from '../src/store/open.ts';
import { openSpool } from '../src/store/spool.ts';
import { freshPostgresUrl } from './support/database.ts';
import { openTestHouse, sandboxApp, type TestHouse } from './support/house.ts';
import { failing, grantOf, HOUR, liveUntil, MINUTE, secretsOf, tapped, variant } from './support/keeping.ts';

/** Everything secret that ever existed, and where it came from. */
class Canaries {
  readonly #known = new Map<string, string>();

  /** A value of several lines (a private key) may leak by the line. */
  add(secret: unknown, origin: string): void {
    if (typeof secret !== 'string') return;
    for (const line of [secret, ...secret.split(/\\n|\n/)]) {
      if (line.length >= 10 && !/^-----/.test(line)) this.#known.set(line, origin);
    }
  }

  get size(): number {
    return this.#known.size;
  }

  /** Each leak, with what stands before it. */
  leaksIn(where: string, text: string): readonly string[] {
    const leaks = [...this.#known].filter(
      ([secret]) => text.includes(secret) || text.includes(encodeURIComponent(secret)),
    );
    return leaks.map(([secret, origin]) => {
      const at = text.indexOf(secret);
      return `${origin} in ${where}: …${text.slice(Math.max(0, at - 120), at + secret.length + 40)}…`;
    });
  }
}

const SECRET_FIELD = /token$|secret|password|^code$|verifier|assertion|private_key$|^state$|^nonce$/i;

/** Collects whatever secret travels over the wire, in requests and in answers. */
function overheard(canaries: Canaries, request: PlatformRequest, answer: PlatformAnswer): void {
  const { authorization } = request.headers;
  if (authorization) canaries.add(authorization.replace(/^\w+ /, ''), `authorization to ${request.url}`);
  const sent = [...new URL(request.url).searchParams, ...new URLSearchParams(request.body ?? '')];
  for (const [name, value] of sent) if (SECRET_FIELD.test(name)) canaries.add(value, `${name} sent`);
  for (const text of [request.body ?? '', answer.kind === 'answer' ? answer.body : '']) {
    for (const [, name, value] of text.matchAll(/"(\w+)"\s*:\s*"((?:[^"\\]|\\.)*)"/g)) {
      if (SECRET_FIELD.test(name!) && !/^(bearer|code)$/i.test(value!))
        canaries.add(value, `${name} in a body`);
    }
  }
}

/** How a platform may quote what it was given: in words, as a form, cut off, and beyond the length that words are kept to. */
const QUOTES: readonly ((secrets: readonly string[]) => { status: number; body: string })[] = [
  (secrets) => ({
    status: 400,
    body: JSON.stringify({
      error: 'invalid_grant',
      error_description: `Bad value ${secrets.join(' and ')}.`,
    }),
  }),
  (secrets) => ({
    status: 400,
    body: JSON.stringify({
      error: 'unknown_thing',
      message: `You sent ${secrets.map(encodeURIComponent).join('&')}`,
    }),
  }),
  (secrets) => ({ status: 500, body: `Oops: ${'x'.repeat(220)} ${secrets.join(' ')}` }),
  (secrets) => ({
    status: 200,
    body: JSON.stringify({ code: 40_002, message: `Wrong: ${secrets.join(', ')}`, data: {} }),
  }),
  (secrets) => ({
    status: 401,
    body: JSON.stringify({
      error: { code: 190, message: `Error validating ${secrets[0]}`, type: secrets[0] },
    }),
  }),
];

function secretsIn(request: PlatformRequest): readonly string[] {
  const fields = [...new URL(request.url).searchParams, ...new URLSearchParams(request.body ?? '')];
  const named = fields.filter(([name]) => SECRET_FIELD.test(name)).map(([, value]) => value);
  const json = [...(request.body ?? '').matchAll(/"(\w+)"\s*:\s*"([^"]*)"/g)]
    .filter(([, name]) => SECRET_FIELD.test(name!))
    .map(([, , value]) => value!);
  const headers = Object.entries(request.headers).filter(([name]) => /authorization|token|auth/i.test(name));
  return [...named, ...json, ...headers.map(([, value]) => value.replace(/^\w+ /, ''))].filter(
    (value) => value.length > 0,
  );
}

interface Scene {
  readonly test: TestHouse;
  readonly canaries: Canaries;
  /** What others than the one it is meant for got to see. */
  readonly outputs: [where: string, text: string][];
  /** Which way the platforms quote what they are sent; null: they behave. */
  readonly mood: { quote: number | null };
  readonly connections: { id: string; grantId: string; platform: string }[];
}

/** Tells what came of it, whatever came: an answer, a problem, an error. */
async function told<T>({ outputs }: Scene, where: string, work: Promise<T>): Promise<T | undefined> {
  try {
    const value = await work;
    outputs.push([where, inspect(value, { depth: 20, maxStringLength: null })]);
    return value;
  } catch (error) {
    const problem = error instanceof Problem ? JSON.stringify(error.extensions) : '';
    outputs.push([`${where} (refused)`, `${inspect(error, { depth: 20 })} ${problem}`]);
    return undefined;
  }
}

function quotingWire(inner: Wire, canaries: Canaries, mood: Scene['mood']): Wire {
  return tapped(inner, async (request, pass) => {
    const quote = mood.quote === null ? undefined : QUOTES[mood.quote];
    const answer: PlatformAnswer = quote
      ? {
          kind: 'answer',
          endpoint: request.endpoint,
          headers: { 'content-type': 'application/json' },
          ...quote(secretsIn(request)),
        }
      : await pass();
    overheard(canaries, request, answer);
    return answer;
  });
}

/** A person comes by a link and goes through with it. */
async function signInOn(scene: Scene, link: string, platformId: string) {
  const { test, canaries } = scene;
  const linkToken = link.slice(link.lastIndexOf('/') + 1);
  canaries.add(linkToken, 'connect link');
  const begun = await beginAuthorization(test.house, linkToken, null);
  canaries.add(begun.browserSecret, 'browser secret');
  canaries.add(begun.state, 'state');
  const page = await fetch(begun.url, { redirect: 'manual', headers: { 'x-simulated-consent': 'allow' } });
  const query = new URL(page.headers.get('location')!).searchParams;
  for (const [name, value] of query)
    if (SECRET_FIELD.test(name)) canaries.add(value, `${name} in the callback`);
  return completeConnect(test.house, {
    platformId,
    query,
    browserSecret: begun.browserSecret,
    keptState: begun.state,
  });
}

async function connectEverything(scene: Scene): Promise<void> {
  const { test, canaries, mood } = scene;
  const client = await createClient(test.ctx, { name: 'Client' });
  for (const { profile } of PLATFORMS) {
    const app = await sandboxApp(test, profile.id);
    const { apps } = { apps: await test.control('GET') };
    canaries.add(
      apps.platforms.find((one: { id: string }) => one.id === profile.id).app.client_secret,
      'client secret',
    );
    for (const method of profile.methods) {
      const start = () => startConnect(test.ctx, { appId: app.id, method: method.id, clientId: client.id });
      const attempt = async () => {
        const { url } = await start();
        if (method.kind !== 'fields') return signInOn(scene, url, profile.id);
        const given = await test.control('POST', `${profile.id}/fields`, { method: method.id });
        const fields: Record<string, string> = given.fields ?? given;
        for (const { id, kind } of method.fields)
          if (kind === 'password' || kind === 'json') rememberField(canaries, id, fields[id]);
        return submitFields(test.house, url.slice(url.lastIndexOf('/') + 1), fields);
      };
      for (mood.quote = 0; mood.quote < QUOTES.length; mood.quote += 1)
        await told(scene, `connecting ${profile.id}`, attempt());
      mood.quote = null;
      const { connection, grant } = await attempt();
      scene.connections.push({ id: connection.id, grantId: grant.id, platform: profile.id });
    }
  }
}

function rememberField(canaries: Canaries, id: string, value: string | undefined): void {
  canaries.add(value, `field ${id}`);
  if (!value?.startsWith('{')) return;
  for (const [name, part] of Object.entries(JSON.parse(value)))
    if (name === 'private_key') canaries.add(part, `field ${id}.${name}`);
}

/** Every way in which a grant is used, breaks and is mended, while the platforms quote what they are given. */
async function livesThrough(scene: Scene): Promise<void> {
  const { test, mood } = scene;
  for (const { id, grantId, platform } of scene.connections) {
    for (mood.quote = 0; mood.quote < QUOTES.length; mood.quote += 1) {
      await told(scene, 'renewing', renewConnection(test.ctx, id));
      await told(
        scene,
        'probing',
        renewGrant(test.house, { workspaceId: test.ctx.workspaceId, id: grantId }, 'probe', 'test').then(
          ({ kind }) => kind,
        ),
      );
      await told(scene, 'refreshing', refreshConnection(test.ctx, id));
      const quoted = QUOTES[mood.quote]!(Object.values(await secretsOf(test, grantId)));
      await told(
        scene,
        'reporting',
        reportFailure(test.ctx, id, {
          endpoint: 'api',
          status: quoted.status,
          headers: {},
          body: quoted.body,
        }),
      );
      test.clock.advance(11 * MINUTE);
    }
    mood.quote = null;
    await test.control('POST', `${platform}/fault`, { kind: 'half_json', times: 1 });
    await told(scene, 'cut off', renewConnection(test.ctx, id));
    await test.control('DELETE', `${platform}/fault`);
    await told(scene, 'showing', getConnection(test.ctx, id));
    await told(scene, 'showing a grant', getGrant(test.ctx, grantId));
    await getToken(test.ctx, { connectionId: id, minTtlSeconds: 0 }).catch((error) =>
      told(scene, 'reading', Promise.reject(error)),
    );
  }
}

async function mendEverything(scene: Scene): Promise<void> {
  const { test, canaries } = scene;
  for (const { id, grantId, platform } of scene.connections) {
    const method = (await grantOf(test, grantId)).method;
    const { url } = await startConnect(test.ctx, { connectionId: id });
    const fields =
      PLATFORMS.find(({ profile }) => profile.id === platform)?.profile.methods.find(
        (one) => one.id === method,
      )?.fields ?? [];
    if (fields.length === 0) await signInOn(scene, url, platform);
    else {
      const given = await test.control('POST', `${platform}/fields`, { method });
      for (const { id: field, kind } of fields)
        if (kind === 'password' || kind === 'json')
          rememberField(canaries, field, (given.fields ?? given)[field]);
      await submitFields(test.house, url.slice(url.lastIndexOf('/') + 1), given.fields ?? given);
    }
  }
}

/** What everybody with a key may read, and what operators see. */
async function readEverything(scene: Scene): Promise<void> {
  const { test, canaries } = scene;
  const page = { limit: 500, after: null };
  const key = await createApiKey(test.ctx, { name: 'reader', scopes: ['read'] });
  canaries.add(key.key, 'API key');
  const apps = await listApps(test.ctx, page);
  const [first] = apps;
  await told(
    scene,
    'changing an app',
    updateApp(test.ctx, first!.id, { clientSecret: 'an-entirely-new-client-secret' }),
  );
  canaries.add('an-entirely-new-client-secret', 'client secret');
  for (const [where, work] of Object.entries<Promise<unknown>>({
    connections: listConnections(test.ctx, {}, page),
    grants: listGrants(test.ctx, {}, page),
    apps: listApps(test.ctx, page),
    app: getApp(test.ctx, first!.id),
    clients: listClients(test.ctx, page),
    keys: listApiKeys(test.ctx),
    activity: listActivity(test.ctx, {}, { limit: 10_000, beforeSeq: null }),
    outages: listOutages(test.ctx, {}, page),
    deadlines: listDeadlines(test.ctx, 4_000),
    overview: overview(test.ctx),
    platforms: listPlatforms(test.ctx),
  })) {
    await told(scene, where, work);
  }
}

async function dumpOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    );
    const parts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query(`select to_jsonb(t)::text as row from "${name}" t`);
      parts.push(...rows.map(({ row }) => `${name} ${row}`));
    }
    assert.ok(parts.length > 100, 'there is something to find it in');
    return parts.join('\n');
  } finally {
    await client.end();
  }
}

it('no secret that ever existed is in a log, a problem, an answer, a metric, the activity log, the spool or the database', async () => {
  const url = await freshPostgresUrl();
  const store = await openStore({ databaseUrl: url });
  const base = await openTestHouse(store, { timeoutMs: 2_000 });
  const directory = mkdtempSync(join(tmpdir(), 'evergrant-canary-'));
  const metrics = createMetrics();
  const canaries = new Canaries();
  const mood = { quote: null };
  const weather = { away: false };
  const spool = openSpool(directory);
  const parts = {
    store: failing(store, () => weather.away),
    wire: quotingWire(base.house.wire, canaries, mood),
    meter: metrics.meter,
    spool,
  };
  const scene: Scene = {
    test: { ...variant(base, parts), spool },
    canaries,
    outputs: [],
    mood,
    connections: [],
  };
  const { test } = scene;
  try {
    await connectEverything(scene);
    await livesThrough(scene);
    await mendEverything(scene);
    await liveUntil(test, test.clock.now() + 2 * HOUR, 10 * MINUTE);
    weather.away = true;
    for (const { id } of scene.connections)
      await told(
        scene,
        'away',
        renewConnection(test.ctx, id).catch(() => 'away'),
      );
    const files = readdirSync(directory);
    assert.ok(files.length > 5, 'outcomes are on disk');
    for (const file of files)
      scene.outputs.push([`spool file ${file}`, readFileSync(join(directory, file), 'utf8')]);
    weather.away = false;
    await replaySpool(test.house, spool);
    for (const { id, grantId } of scene.connections) {
      await told(scene, 'disconnecting', disconnect(test.ctx, id));
      for (const [field, value] of Object.entries(await secretsOf(test, grantId)))
        if (field !== 'login') canaries.add(value, `stored ${field}`);
    }
    await readEverything(scene);
    await test.house.readLog.flush();
    scene.outputs.push([
      'logs',
      inspect(test.logged, { depth: 20, maxArrayLength: null, maxStringLength: null }),
    ]);
    scene.outputs.push(['metrics', await metrics.registry.metrics()], ['database', await dumpOf(url)]);
    assert.ok(
      canaries.size > 150 && scene.outputs.length > 300,
      `${canaries.size} secrets, ${scene.outputs.length} outputs`,
    );
    assert.deepEqual(
      [...new Set(scene.outputs.flatMap(([where, text]) => canaries.leaksIn(where, text)))],
      [],
    );
  } finally {
    await base.close();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
