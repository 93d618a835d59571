import assert from 'node:assert/strict';
import fs, { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { basicOf, type SimRequest, type Simulator, type SimWorld } from '../src/platforms/kit/simulator.ts';
import { Journal } from '../src/simulator/journal.ts';
import { movableClock } from './support/simulated.ts';

const folder = mkdtempSync(join(tmpdir(), 'evergrant-journal-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const call = (authorization: string): SimRequest => ({
  method: 'POST',
  host: 'api.acme.example',
  path: '/token',
  query: new URLSearchParams(),
  headers: { authorization },
  body: '',
});
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

type Seen = (world: SimWorld) => void;

/** A platform that remembers who called it, when, and under which key of its own. */
function acme(world: SimWorld, calls: string[], seen: Seen): Simulator {
  const key = world.keep?.('key', () => `key-${Math.random()}`);
  return {
    platforms: ['acme'],
    hosts: ['api.acme.example'],
    people: [],
    app: () => ({ clientId: 'id', clientSecret: 'secret', settings: {} }),
    fields: () => ({}),
    breaks: () => [
      {
        how: 'expelled',
        title: 'Acme expels the person',
        truth: 'account_disabled',
        shows: 'probe',
        apply: () => undefined,
        mend: () => undefined,
      },
    ],
    deeds: () => [
      {
        deed: 'publish',
        title: '',
        by: 'operator',
        apply: () => calls.push('published'),
        undo: () => calls.push('taken back'),
      },
    ],
    lives: () => true,
    takes: () => true,
    clientIds: () => ['id'],
    issued: () => true,
    rateLimited: () => ({ status: 429, body: '' }),
    handle: (request) => {
      seen(world);
      calls.push(`${basicOf(request)?.user} ${world.now()} ${world.random()} ${key}`);
      return { status: 200, body: '' };
    },
  };
}

/** The disk takes half of each line and no more, until the answer is called. `cuts`: it cuts files off, as one that is full does. */
function fullDisk({ mock }: TestContext, cuts: boolean): () => void {
  const whole = fs.appendFileSync;
  const failed = (code: string) => Object.assign(new Error(code), { code });
  mock.method(fs, 'appendFileSync', (path: string, line: string) => {
    whole(path, line.slice(0, line.length / 2));
    throw failed('ENOSPC');
  });
  if (!cuts)
    mock.method(fs, 'truncateSync', () => {
      throw failed('EIO');
    });
  syncBuiltinESMExports();
  return () => {
    mock.restoreAll();
    syncBuiltinESMExports();
  };
}

describe('The journal of the simulated platforms', () => {
  const clock = movableClock();
  const path = join(folder, 'sandbox.journal');
  const warned: string[] = [];

  async function started(seen: Seen = () => undefined) {
    const calls: string[] = [];
    const journal = new Journal({ path, now: clock.now, seed: 'seed', warn: (text) => warned.push(text) });
    const factory = (world: SimWorld) => acme(world, calls, seen);
    const simulator = journal.wrap([factory])[0]!({} as SimWorld);
    await journal.replay();
    return { calls, journal, simulator };
  }

  it('starts again after a call that was malformed, and knows those before and after it', async () => {
    const first = await started();
    await first.simulator.handle(call(basic('anna:1')));
    clock.advance(1_000);
    assert.throws(() => first.simulator.handle(call(basic('%:2'))), URIError, 'it cannot be decoded');
    await first.simulator.handle(call(basic('bert:3')));
    clock.advance(60_000);
    const second = await started();
    assert.equal(second.calls.length, 2);
    assert.deepEqual(second.calls, first.calls, 'the same moments, dice and key');
  });

  it('does not begin anew where what was written cannot be read', () => {
    const unreadable = mkdtempSync(join(folder, 'a-folder-'));
    const options = { path: unreadable, now: clock.now, seed: 'seed', warn: () => undefined };
    assert.throws(() => new Journal(options), { code: 'EISDIR' });
  });

  it('spares at the next start what only the answers needed, which nobody reads again', async () => {
    const frugal: (boolean | undefined)[] = [];
    await (await started()).simulator.handle(call(basic('anna:1')));
    const { simulator } = await started((world) => frugal.push(world.frugal));
    await simulator.handle(call(basic('bert:3')));
    assert.ok(frugal.length > 1);
    assert.deepEqual([new Set(frugal.slice(0, -1)), frugal.at(-1)], [new Set([true]), false]);
  });

  it('does again what people did there', async () => {
    const first = await started();
    const [deed] = first.simulator.deeds!('acme');
    deed!.apply({});
    deed!.undo!({});
    assert.deepEqual(first.calls.slice(-2), ['published', 'taken back']);
    assert.deepEqual((await started()).calls.slice(-2), ['published', 'taken back']);
  });

  it('remembers which switches were flipped and not mended, for whom and since when', async () => {
    const first = await started();
    const [expelled] = first.simulator.breaks('acme');
    for (const identity of ['anna', 'bert']) expelled!.apply({ identity });
    expelled!.mend!({ identity: 'anna' });
    const flips = [{ how: 'expelled', target: { identity: 'bert' }, at: clock.now() }];
    assert.deepEqual(first.simulator.flips!('acme'), flips);
    clock.advance(60_000);
    assert.deepEqual((await started()).simulator.flips!('acme'), flips);
  });

  it('says which file is damaged and what to do, and takes a last line that was cut off', async () => {
    const damaged = join(folder, 'damaged.journal');
    const options = { path: damaged, now: clock.now, seed: 'seed', warn: () => undefined };
    const line = JSON.stringify({ on: 'acme', at: 1, kept: 'key', value: 'v' });
    writeFileSync(damaged, `${line}\n{"on":"ac`);
    new Journal(options);
    writeFileSync(damaged, `${line}\n{"on":"ac\n${line}\n`);
    assert.throws(
      () => new Journal(options),
      (error: Error) =>
        error.message.startsWith(`Line 2 of ${damaged} is damaged.`) &&
        error.message.endsWith(`delete the data folder (${folder}) to begin anew.`),
    );
  });

  it('cuts a torn last line off before it writes on, so that the start after the next one knows all else', async () => {
    const first = await started();
    await first.simulator.handle(call(basic('dora:5')));
    assert.deepEqual(warned, [], 'a whole file is no news');
    const whole = readFileSync(path, 'utf8');
    // Cut within a letter of two bytes, as a kill may.
    appendFileSync(path, Buffer.from('{"on":"acme","at":1,"kept":"ü').subarray(0, -1));
    const second = await started();
    assert.equal(readFileSync(path, 'utf8'), whole);
    assert.equal(warned.length, 1);
    assert.match(warned[0]!, /^The last line of .*sandbox\.journal was cut off/);
    await second.simulator.handle(call(basic('emil:6')));
    assert.deepEqual((await started()).calls, second.calls);
    assert.equal(warned.length, 1, 'it is said once');
  });

  for (const cuts of [true, false])
    it(`begins on a clean line after one that the disk took half of${cuts ? '' : ' and could not be cut off at once'}`, async (context) => {
      const first = await started();
      await first.simulator.handle(call(basic('fritz:7')));
      const [before, heard] = [readFileSync(path, 'utf8'), first.calls.length];
      const room = fullDisk(context, cuts);
      assert.throws(() => first.simulator.handle(call(basic('gina:8'))), { code: 'ENOSPC' });
      room();
      assert.equal(first.calls.length, heard, 'what cannot be written down is not done');
      assert.equal(readFileSync(path, 'utf8') === before, cuts);
      await first.simulator.handle(call(basic('hans:9')));
      assert.ok(readFileSync(path, 'utf8').startsWith(`${before}{"on":"`));
      assert.deepEqual(
        (await started()).calls,
        first.calls,
        'nothing is damaged, and nothing else is missing',
      );
      assert.equal(warned.length, 1);
    });

  it('lets go of the past once it is done again, and lives in the present', async () => {
    const { calls, journal, simulator } = await started();
    const before = calls.length;
    await journal.replay();
    assert.equal(calls.length, before, 'nothing is done a second time');
    await simulator.handle(call(basic('cleo:4')));
    assert.match(calls.at(-1)!, new RegExp(`^cleo ${clock.now()} `));
  });
});
