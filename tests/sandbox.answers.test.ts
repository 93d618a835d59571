import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Endpoint, PlatformAnswer } from '../src/core/answer.ts';
import { diagnose } from '../src/core/diagnosis.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import type { Platform } from '../src/platforms/kit/platform.ts';
import { formPost, get } from '../src/platforms/kit/request.ts';
import { createSender, type Sender } from '../src/wire/send.ts';
import { sandboxForTest, type TestSandbox } from './support/sandbox.ts';

interface Row {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
  readonly facts?: Parameters<typeof diagnose>[2];
  readonly expect: { readonly cause: string; readonly permanent: boolean };
}

let sandbox: TestSandbox;
let sender: Sender;

before(async () => {
  sandbox = await sandboxForTest();
  sender = createSender({ sandboxBaseUrl: sandbox.url, now: sandbox.clock.now });
});
after(async () => {
  await sender.close();
  await sandbox.close();
});

/** The catalogue, read here on its own: the test must not ask the sandbox what the sandbox should say. */
function rowsOf({ profile }: Platform): readonly Row[] {
  const folder = new URL(`../src/platforms/${profile.id}/fixtures/`, import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.sort().flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Row[]);
}

const idOf = (row: Row) =>
  row.name
    .toLowerCase()
    .match(/[a-z0-9]+/g)!
    .join('-');

/** Answers reach the product through its own door to the outside, at an address of the platform. */
function ask(platform: Platform, row: Row, sentinel: string): Promise<PlatformAnswer> {
  const { id, hosts } = platform.profile;
  const send = sender.senderFor({ hosts, environment: 'sandbox' });
  const value = sentinel && `simulate.${id}.${sentinel}`;
  if (row.endpoint === 'token')
    return send(formPost('token', `https://${hosts[0]}/token`, { refresh_token: value, x: 'y' }));
  if (row.endpoint === 'authorize') {
    const query = new URLSearchParams({ redirect_uri: 'https://app.example/back', state: 's', hint: value });
    return visit(`${sandbox.url}/${hosts[0]}/authorize?${query}`);
  }
  const headers = { authorization: `Bearer ${value || 'token'}` };
  return send({ ...get(row.endpoint, `https://${hosts[0]}/v1/me`), headers });
}

/** Consent pages are opened by a person's browser, not by the product. */
async function visit(url: string): Promise<PlatformAnswer> {
  const answer = await fetch(url, { redirect: 'manual' });
  const headers: Record<string, string> = {};
  answer.headers.forEach((value, name) => {
    headers[name] = value;
  });
  return { kind: 'answer', endpoint: 'authorize', status: answer.status, headers, body: await answer.text() };
}

function assertDocumented(
  answer: PlatformAnswer,
  row: Row,
): asserts answer is PlatformAnswer & { kind: 'answer' } {
  assert.ok(answer.kind === 'answer', JSON.stringify(answer));
  assert.equal(answer.status, row.status);
  for (const [name, value] of Object.entries(row.headers ?? {})) assert.equal(answer.headers[name], value);
  if (row.endpoint === 'authorize' && row.status === 302) {
    const { searchParams } = new URL(answer.headers.location!);
    assert.deepEqual(Object.fromEntries(searchParams), { ...(row.body as object), state: 's' });
  } else if (typeof row.body === 'string') assert.equal(answer.body, row.body);
  else assert.deepEqual(JSON.parse(answer.body), row.body);
}

for (const platform of PLATFORMS) {
  const { id, name } = platform.profile;
  describe(`${name}’s documented answers`, () => {
    for (const row of rowsOf(platform)) {
      it(`can be asked for by switch and by request: ${row.name}`, async () => {
        await sandbox.control('POST', `${id}/answer`, { answer: idOf(row), times: 1 });
        assertDocumented(await ask(platform, row, ''), row);
        const answer = await ask(platform, row, idOf(row));
        assertDocumented(answer, row);
        if (answer.status === 302) return;
        const read = diagnose(platform.adapter.checks, answer, row.facts, sandbox.clock.now());
        assert.deepEqual([read.cause, read.permanent], [row.expect.cause, row.expect.permanent], read.check);
      });
    }

    it('are listed with their sources, and without what the product thinks of them', async () => {
      const { answers } = await sandbox.control('GET', `${id}/answers`);
      assert.deepEqual(
        answers.map((answer: { id: string }) => answer.id),
        rowsOf(platform).map(idOf),
      );
      assert.ok(answers.every((answer: object) => 'source' in answer && !('expect' in answer)));
    });
  });
}

describe('an answer that is asked for', () => {
  const [platform] = PLATFORMS;
  const { id, hosts } = platform!.profile;
  const first = () => rowsOf(platform!)[0]!;
  const url = () => `${sandbox.url}/${hosts[0]}/anything`;

  it('comes by a header too, for the request that carries it and no other', async () => {
    const headers = { 'x-simulated-answer': idOf(first()) };
    assert.equal((await fetch(url(), { headers })).status, first().status);
    await sandbox.control('DELETE', `${id}/calls`);
    assert.deepEqual((await sandbox.control('GET', id)).active_faults, []);
  });

  it('hits only the paths and as often as it was said', async () => {
    await sandbox.control('POST', `${id}/answer`, { answer: idOf(first()), times: 2, path: '/anyth' });
    const { active_faults } = await sandbox.control('GET', id);
    assert.deepEqual(active_faults, [
      { kind: 'answer', answer: idOf(first()), times: 2, path: '/anyth', host: null },
    ]);
    await fetch(`${sandbox.url}/${hosts[0]}/elsewhere`);
    for (let round = 0; round < 2; round += 1) assert.equal((await fetch(url())).status, first().status);
    assert.deepEqual((await sandbox.control('DELETE', `${id}/answer`)).active_faults, []);
  });

  it('is told to be unknown, with where to look, when it is not documented', async () => {
    const answer = await fetch(url(), { headers: { authorization: 'Bearer simulate.nonsense' } });
    const body = (await answer.json()) as { error: string; message: string };
    assert.deepEqual([answer.status, body.error], [404, 'unknown_answer']);
    assert.match(body.message, /_control/);
    await assert.rejects(
      sandbox.control('POST', `${id}/answer`, { answer: 'nonsense' }),
      /404 unknown_answer/,
    );
    await assert.rejects(sandbox.control('POST', `${id}/answer`), /400 unknown_answer/);
  });
});
