import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { readConfig } from '../src/config.ts';
import { type Running, startEvergrant } from '../src/main.ts';

const run = promisify(execFile);
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The block of shell lines that shows the life of a grant. */
function lifeLines(): readonly string[] {
  const block = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
    .map((match) => match[1]!)
    .find((text) => text.includes('export EVERGRANT='));
  assert.ok(block, 'the README shows the life of a grant');
  return block.trim().split('\n');
}

describe('the README’s five lines', () => {
  let folder: string;
  let running: Running;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'evergrant-readme-'));
    const reading = readConfig({
      EVERGRANT_SANDBOX: 'on',
      PORT: '0',
      EVERGRANT_SANDBOX_PORT: '0',
      EVERGRANT_DATA_DIR: join(folder, 'data'),
    });
    assert.ok(reading.ok);
    running = await startEvergrant(reading.config);
  });

  after(async () => {
    await running?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('show connections, a token, a loss with cause and remedy, and a token again, as they stand', async () => {
    const [setup, ...lines] = lifeLines();
    assert.equal(lines.length, 5, 'there are five');
    const here = setup!
      .replace('http://127.0.0.1:7070', running.url)
      .replace('http://127.0.0.1:7071', running.sandboxUrl!);
    const script = [here, ...lines.flatMap((line, index) => [`echo "== ${index + 1}"`, line, 'echo'])].join(
      '\n',
    );
    const { stdout } = await run('bash', ['-c', script], { cwd: folder, timeout: 60_000 });
    const answers = stdout.split(/== \d\n/).slice(1);
    assert.equal(JSON.parse(answers[0]!).data[0].state, 'active');
    const first = JSON.parse(answers[1]!);
    assert.ok(first.access_token && first.expires_at && first.base_url);
    const problem = JSON.parse(answers[3]!);
    assert.equal(problem.code, 'reauthorization_required');
    assert.equal(problem.status, 409);
    assert.equal(problem.cause, 'revoked_by_user');
    assert.ok(problem.remedy && problem.since && problem.reconnect_url);
    const last = JSON.parse(answers[4]!);
    assert.ok(last.access_token);
    assert.notEqual(last.access_token, first.access_token);
  });

  it('print an expired connection as such in between', async () => {
    const key = readFileSync(join(folder, 'data', 'sandbox-api-key'), 'utf8').trim();
    const answer = await fetch(`${running.url}/v1/outages`, { headers: { authorization: `Bearer ${key}` } });
    const { data } = (await answer.json()) as {
      data: { cause: string; started_at: string; ended_at: string | null }[];
    };
    assert.ok(data.some((outage) => outage.cause === 'revoked_by_user' && outage.ended_at !== null));
  });
});
