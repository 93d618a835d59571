import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { after, describe, it } from 'node:test';
import type { PlatformAnswer } from '../src/core/answer.ts';
import { kindOf, type SystemLookup } from '../src/wire/publicAddress.ts';
import { createSender, type SenderOptions } from '../src/wire/send.ts';

const cleanups: (() => unknown)[] = [];
after(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

/** A port on this machine that counts who comes, and hangs up. */
async function door() {
  let visitors = 0;
  const server = createServer((socket) => {
    visitors += 1;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, visitors: () => visitors };
}

/** Names and what they lead to, one set of addresses after the other; the last one stays. */
function names(...turns: (readonly string[])[]): SystemLookup & { readonly asked: string[] } {
  const asked: string[] = [];
  const lookup: SystemLookup = (hostname, _options, done) => {
    const turn = turns[Math.min(asked.length, turns.length - 1)] ?? [];
    asked.push(hostname);
    const found = turn.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    setImmediate(() => done(null, found));
  };
  return Object.assign(lookup, { asked });
}

function call(url: string, options: Partial<SenderOptions>, environment: 'live' | 'sandbox' = 'live') {
  const sender = createSender({ now: () => 0, timeoutMs: 5_000, ...options });
  cleanups.push(() => sender.close());
  const send = sender.senderFor({ hosts: [new URL(url).host], environment });
  return () => send({ endpoint: 'token', method: 'POST', url, headers: {}, body: 'client_secret=x' });
}

function refused(answer: PlatformAnswer): string {
  assert.ok(answer.kind === 'no_answer', 'no answer');
  assert.deepEqual([answer.reason, answer.sent], ['host_refused', false], answer.detail);
  return answer.detail ?? '';
}

describe('Addresses', () => {
  const kinds = {
    public: ['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '64:ff9b::808:808', '::ffff:8.8.8.8'],
    internal: [
      ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.100.100.201'],
      ...['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '::ffff:a00:1', 'fd00:ec2::255', 'fc00::1'],
      '64:ff9b::10.0.0.1',
    ],
    never: [
      ...['169.254.169.254', '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', 'fe80::1', 'fe80::1%eth0'],
      ...['0.0.0.0', '0.1.2.3', '::', '224.0.0.1', '255.255.255.255', '240.0.0.1', 'ff02::1', '192.0.0.192'],
      ...['198.18.0.1', '2002:7f00:1::', '2001::1', 'fec0::1', '::7f00:1', '::a9fe:a9fe', '100::1'],
      ...['168.63.129.16', '::ffff:168.63.129.16', '100.100.100.200', '64:ff9b::100.100.100.200'],
      ...['fd00:ec2::254', 'fd00:0ec2:0:0:0:0:0:254', 'localhost', '', '8.8.8.8.8'],
    ],
  } as const;
  for (const [kind, addresses] of Object.entries(kinds)) {
    it(`are ${kind} where they are: ${addresses.slice(0, 3).join(', ')} …`, () => {
      for (const address of addresses) assert.equal(kindOf(address), kind, address);
    });
  }
});

describe('The wire', () => {
  it('connects to no name that leads into a private network, to this machine or to metadata, also as one of several', async () => {
    const { port, visitors } = await door();
    for (const addresses of [
      ['127.0.0.1'],
      ['::ffff:127.0.0.1'],
      ['169.254.169.254'],
      ['10.1.2.3'],
      ['fd00::1'],
      ['198.51.100.7'],
      ['8.8.8.8', '127.0.0.1'],
    ]) {
      const lookup = names(addresses);
      const detail = refused(await call(`https://login.acme.example:${port}/token`, { lookup })());
      assert.deepEqual(lookup.asked, ['login.acme.example']);
      for (const address of addresses) assert.ok(!detail.includes(address), 'no map of the network inside');
    }
    assert.equal(visitors(), 0);
  });

  it('connects to no such number either, which is never looked up', async () => {
    for (const host of [
      '127.0.0.1',
      '10.0.0.1',
      '169.254.169.254',
      '[::1]',
      '[::ffff:10.0.0.1]',
      '0x7f.1',
      '2130706433',
    ])
      refused(await call(`https://${host}/token`, {})());
  });

  it('asks anew for every connection, so that a name that was turned in between is refused', async () => {
    const { port, visitors } = await door();
    const lookup = names(['127.0.0.1'], ['127.0.0.1'], ['169.254.169.254']);
    const send = call(`https://idp.intranet:${port}/token`, { lookup, privateHosts: ['idp.intranet'] });
    for (let trial = 1; trial <= 2; trial += 1) {
      const answer = await send();
      assert.ok(answer.kind === 'no_answer' && answer.reason === 'connection_failed', JSON.stringify(answer));
      assert.equal(visitors(), trial, 'it was connected to the address that was checked');
    }
    refused(await send());
    assert.equal(visitors(), 2);
  });

  it('calls a private host that the operator named, with its port or with any, but never link-local addresses', async () => {
    const { port, visitors } = await door();
    const url = `https://idp.intranet:${port}/token`;
    for (const privateHosts of [['idp.intranet'], [`IDP.intranet:${port}`]])
      await call(url, { lookup: names(['127.0.0.1']), privateHosts })();
    assert.equal(visitors(), 2);
    for (const privateHosts of [['other.intranet'], ['idp.intranet:1'], ['intranet'], ['127.0.0.1']])
      refused(await call(url, { lookup: names(['127.0.0.1']), privateHosts })());
    refused(await call(url, { lookup: names(['169.254.169.254']), privateHosts: ['idp.intranet'] })());
    assert.equal(visitors(), 2);
  });

  it('reaches the sandbox on this machine, and lets no live call use its connections', async () => {
    const server = createHttpServer((_request, response) => response.end('simulated'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close());
    const sandboxBaseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const sender = createSender({ now: () => 0, sandboxBaseUrl });
    cleanups.push(() => sender.close());
    const request = { endpoint: 'api', method: 'GET', headers: {} } as const;
    const simulated = sender.senderFor({ hosts: ['api.example'], environment: 'sandbox' });
    assert.equal((await simulated({ ...request, url: 'https://api.example/' })).kind, 'answer');
    const { host } = new URL(sandboxBaseUrl);
    const live = sender.senderFor({ hosts: [host], environment: 'live', declaredInsecureLoopback: true });
    refused(await live({ ...request, url: `${sandboxBaseUrl}/` }));
  });
});
