import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PLATFORMS } from '../src/platforms/index.ts';
import { askConsent } from '../src/platforms/kit/consent.ts';
import { SIMULATORS } from '../src/platforms/simulators.ts';
import { sandboxForTest, type TestSandbox } from './support/sandbox.ts';
import { benchFor } from './support/simulated.ts';

/** The address of the consent page of each method that has one. */
async function addresses() {
  const found: { readonly name: string; readonly url: URL }[] = [];
  for (const platform of PLATFORMS) {
    const bench = benchFor(platform, SIMULATORS);
    for (const method of platform.profile.methods.filter((one) => one.kind === 'oauth')) {
      const url = await platform.adapter.methods[method.id]!.authorizeUrl!(
        bench.app,
        {
          redirectUri: 'https://app.example/back',
          state: 'state-1',
          codeChallenge: method.pkce ? 'c'.repeat(43) : null,
          nonce: 'n',
          scopes: method.scopes.map((scope) => scope.id),
          identity: null,
          reconnect: false,
        },
        bench.io,
      );
      found.push({ name: `${platform.profile.name}: ${method.id}`, url: new URL(url) });
    }
  }
  return found;
}

describe('consent pages', () => {
  let sandbox: TestSandbox;
  before(async () => {
    sandbox = await sandboxForTest();
  });
  after(() => sandbox.close());

  const at = ({ host, pathname, search }: URL) => `${sandbox.url}/${host}${pathname}${search}`;

  it('say whom they stand for and that they are simulated, each in a colour of its own, and load nothing', async () => {
    const colours = new Map<string, string>();
    for (const { name, url } of await addresses()) {
      const page = await (await fetch(at(url))).text();
      assert.match(page, /<title>Simulated [^<]+<\/title>/, name);
      assert.match(page, /<span>simulated<\/span>/, name);
      assert.match(page, /width=device-width/, name);
      assert.doesNotMatch(page, /<script|<img|src=|(href|action)="http/, name);
      assert.ok((page.match(/name="person"/g) ?? []).length >= 2, `${name}: several people`);
      const colour = /header\{background:(#[0-9a-f]+)/.exec(page)?.[1] ?? '';
      colours.set(`${url.host}${url.pathname}`, colour);
    }
    assert.equal(new Set(colours.values()).size, colours.size, JSON.stringify([...colours]));
  });

  it('let a person choose who signs in, and send the refusal and the consent back', async () => {
    for (const { name, url } of await addresses()) {
      const page = await (await fetch(at(url))).text();
      const people = [...page.matchAll(/name="person"[^>]* value="([^"]+)"/g)].map((match) => match[1]!);
      const scopes = [...page.matchAll(/name="scope" value="([^"]+)"/g)].map((match) => match[1]!);
      const decide = async (decision: string) => {
        const form = new URLSearchParams({ decision, person: people[1]! });
        for (const scope of scopes) form.append('scope', scope);
        const answer = await fetch(at(url), { method: 'POST', body: form, redirect: 'manual' });
        return new URL(answer.headers.get('location') ?? 'none:').searchParams;
      };
      const allowed = await decide('allow');
      assert.ok(allowed.get('code') ?? allowed.get('auth_code'), name);
      assert.equal(allowed.get('state'), 'state-1', name);
      assert.equal((await decide('deny')).get('code'), null, name);
    }
  });

  it('count the ad accounts of the person who signs in, of all that the page held', () => {
    const screen = {
      platformName: 'Echo',
      appName: 'app',
      people: [
        { id: 'a', name: 'Ada', email: '' },
        { id: 'b', name: 'Ben', email: '' },
      ],
      scopes: ['read', 'write'],
      partial: true,
      accounts: { a: [{ id: '1', name: 'One' }], b: [{ id: '2', name: 'Two' }] },
    };
    const body = new URLSearchParams([
      ['decision', 'allow'],
      ['person', 'b'],
      ['scope', 'read'],
      ['account:a', '1'],
      ['account:b', '2'],
    ]).toString();
    const request = { method: 'POST', host: 'h', path: '/', query: new URLSearchParams(), headers: {}, body };
    assert.deepEqual(askConsent(request, screen), {
      decision: 'allow',
      person: 'b',
      scopes: ['read'],
      accounts: ['2'],
    });
  });
});
