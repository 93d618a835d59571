import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startStandalone } from '../src/simulator/standalone.ts';
import { sandboxForTest, type TestSandbox } from './support/sandbox.ts';

describe('the page of the simulated platforms', () => {
  let sandbox: TestSandbox;
  before(async () => {
    sandbox = await sandboxForTest();
  });
  after(() => sandbox.close());

  /** Sends a form as a browser does, and opens the page to which it leads. */
  async function send(path: string, fields: Record<string, string>) {
    const url = `${sandbox.url}/_control/${path}`;
    const headers = { accept: 'text/html,*/*' };
    const answer = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers,
      redirect: 'manual',
    });
    const landed = new URL(answer.headers.get('location') ?? '', url);
    const page = await (await fetch(landed)).text();
    return { status: answer.status, hash: landed.hash, page };
  }

  const page = async () => (await fetch(`${sandbox.url}/`)).text();

  /** What is said in a platform's part of a page. */
  const partOf = (text: string, id: string) =>
    text.slice(
      text.indexOf(`<section id="${id}"`),
      text.indexOf('</section>', text.indexOf(`<section id="${id}"`)),
    );

  it('leads back to the platform of the form, and says there what was done', async () => {
    const { people } = await sandbox.control('GET', 'snapchat');
    const [person] = people;
    for (const [path, fields, said] of [
      [
        'break',
        { how: 'person_removed', identity: person.id },
        `broken for ${person.name}: The person leaves the organization (person_removed).`,
      ],
      [
        'mend',
        { how: 'person_removed', identity: '' },
        'mended for everyone: The person leaves the organization (person_removed).',
      ],
      ['fault', { kind: 'outage', times: '2', path: '/v1' }, 'the next 2 calls at /v1: fault outage.'],
      ['fault', { kind: 'html', times: '', path: '' }, 'all calls: fault html.'],
      [
        'end-faults',
        { kind: 'html', times: '', path: '' },
        'no fault and no documented answer is set any more.',
      ],
    ] as const) {
      const sent = await send(`snapchat/${path}`, fields as Record<string, string>);
      assert.deepEqual([sent.status, sent.hash], [303, '#snapchat']);
      assert.ok(
        partOf(sent.page, 'snapchat').includes(
          `<p class="done" role="status"><strong>Done:</strong> ${said}</p>`,
        ),
        said,
      );
    }
    const { answers } = await sandbox.control('GET', 'meta/answers');
    const answered = await send('meta/answer', { answer: answers[0].id, times: '1', path: '' });
    assert.match(partOf(answered.page, 'meta'), /Done:<\/strong> the next call: answered with “/);
    await sandbox.control('DELETE', 'meta/fault');
    const deed = await send('google-ads/do', { deed: 'put_in_testing', identity: '' });
    assert.match(
      partOf(deed.page, 'google-ads'),
      /Done:<\/strong> The operator puts the app back to Testing/,
    );
    const bad = await send('misbehaviour', { rate: '0.02' });
    assert.equal(bad.hash, '#misbehaviour');
    assert.match(partOf(bad.page, 'misbehaviour'), /Done:<\/strong> 2 % of the calls/);
    await send('misbehaviour', { rate: '0' });
  });

  it('says what a push met at its receiver', async () => {
    const { signals } = await sandbox.control('GET', 'meta');
    const nobody = { signal: signals[0].signal, to: 'http://127.0.0.1:9/' };
    const sent = await send('meta/signal', nobody);
    assert.match(
      partOf(sent.page, 'meta'),
      /Done:<\/strong> pushed \w+: (there was nobody to tell of|no answer)/,
    );
  });

  it('says on the page, not as JSON, why a form was not carried out', async () => {
    const sent = await send('snapchat/fault', { kind: 'outage', times: '-1', path: '' });
    assert.deepEqual([sent.status, sent.hash], [303, '#snapchat']);
    assert.match(
      partOf(sent.page, 'snapchat'),
      /role="alert"><strong>Not done:<\/strong> “times” is a number from 1/,
    );
    assert.deepEqual((await sandbox.control('GET', 'snapchat')).active_faults, []);
  });

  it('says nothing to an address that somebody made up', async () => {
    for (const query of ['note=99', 'note=<b>x', 'note=constructor', 'done=Hello'])
      assert.doesNotMatch(
        await (await fetch(`${sandbox.url}/?${query}#meta`)).text(),
        /class="(done|refused)"|Hello/,
      );
  });

  it('marks the app, the people and the switches that are broken, until they are mended', async () => {
    assert.doesNotMatch(await page(), /class="(mark|flip) /);
    const { people } = await sandbox.control('GET', 'meta');
    const [lena, tom] = people;
    await send('meta/break', { how: 'app_deleted', identity: '' });
    await send('meta/break', { how: 'security_checkpoint', identity: tom.id });
    await send('meta/break', { how: 'password_changed', identity: lena.email });
    const text = await page();
    const meta = partOf(text, 'meta');
    assert.match(text, /<a href="#meta">meta \(2 broken\)<\/a>/);
    const lineOf = (words: string) => meta.split('\n').find((line) => line.includes(words)) ?? '';
    assert.match(lineOf('with secret'), /href="#meta\.app_deleted">broken: app_deleted</);
    const [, ofLena = '', ofTom = ''] = lineOf('aria-label="People"').split('<li>');
    assert.match(ofLena, /happened: password_changed/);
    assert.doesNotMatch(ofLena, /broken: security_checkpoint/);
    assert.match(ofTom, /broken: security_checkpoint/);
    assert.match(meta, new RegExp(`Broken for ${tom.name} since 2026-11-22 09:00 UTC`));
    assert.match(meta, new RegExp(`Happened 2026-11-22 09:00 UTC, for ${lena.name}`));
    const { flips } = await sandbox.control('GET', 'meta');
    assert.deepEqual(flips[1], {
      how: 'security_checkpoint',
      identity: tom.id,
      client_id: null,
      access_token: null,
      at: '2026-11-22T09:00:00.000Z',
    });
    await send('meta/mend', { how: 'security_checkpoint', identity: tom.id });
    await send('meta/mend', { how: 'app_deleted' });
    assert.doesNotMatch(await page(), /(mark|flip) broken|\(\d broken\)/);
  });

  it('says which switches show in the ad accounts alone', async () => {
    const { breaks } = await sandbox.control('GET', 'amazon-ads');
    const part = partOf(await page(), 'amazon-ads');
    for (const { how, shows } of breaks) {
      const [, row = ''] = part.split(`id="amazon-ads.${how}"`);
      const words = 'shows when the ad accounts are read';
      assert.equal(row.slice(0, row.indexOf('</tr>')).includes(words), shows === 'api', how);
    }
  });

  it('offers to mend exactly what was broken', async () => {
    const { people } = await sandbox.control('GET', 'linkedin');
    const identity = people[0].id;
    await send('linkedin/break', { how: 'member_restricted', identity });
    const [, form = ''] =
      /<form class="flip broken"(.*?)<\/form>/s.exec(partOf(await page(), 'linkedin')) ?? [];
    assert.match(form, /action="_control\/linkedin\/mend"/);
    const fields = [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    assert.deepEqual(fields, [
      ['how', 'member_restricted'],
      ['identity', identity],
    ]);
    await send('linkedin/mend', Object.fromEntries(fields));
    assert.deepEqual((await sandbox.control('GET', 'linkedin')).flips, []);
  });
});

describe('the switches of the simulated platforms', () => {
  it('stand beside whose act they are, not whom they hurt', async () => {
    const sandbox = await sandboxForTest();
    const { platforms } = await sandbox.control('GET');
    await sandbox.close();
    const sides = new Map<string, Set<string>>();
    for (const { breaks } of platforms)
      for (const { how, by } of breaks) sides.set(how, (sides.get(how) ?? new Set()).add(by));
    const expected = {
      platform: [
        ...['client_disabled', 'project_suspended', 'app_blocked', 'app_deactivated', 'version_sunset'],
        ...[
          'version_retired',
          'ended_by_linkedin',
          'suspicious_activity',
          'logged_out',
          'security_checkpoint',
        ],
        ...['member_restricted', 'api_approval_withdrawn', 'api_access_withdrawn', 'token_leaked', 'outage'],
      ],
      operator: [
        ...['access_level_lost', 'app_permission_withdrawn', 'account_not_on_list', 'key_deleted'],
        ...['service_account_deleted', 'secret_rotated', 'testing_mode', 'api_off'],
      ],
      person: ['revoked_by_user', 'password_changed', 'permission_missing', 'subject_gone', 'user_disabled'],
    };
    for (const [side, hows] of Object.entries(expected))
      for (const how of hows) assert.deepEqual([...(sides.get(how) ?? [])], [side], how);
  });
});

describe('the clock on the page of platforms that stand alone', () => {
  it('is told after it was moved, and so is a span that is none', async () => {
    const now = () => Date.parse('2026-11-22T09:00:00Z');
    const sandbox = await startStandalone({ port: 0, seed: 'x', misbehaviourRate: 0, now });
    const send = async (by: string) => {
      const init = { method: 'POST', body: new URLSearchParams({ by }), headers: { accept: 'text/html' } };
      return (await fetch(`${sandbox.url}/_control/clock`, init)).text();
    };
    assert.match(await send('1d'), /Done:<\/strong> it is 2026-11-23T09:00:00\.000Z, and the clock runs\./);
    assert.match(await send('soon'), /Not done:<\/strong> “by” is a span/);
    await sandbox.close();
  });
});
