import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { MockAgent } from 'undici';
import type { NoAnswerReason, PlatformAnswer } from '../src/core/answer.ts';
import type { PlatformRequest } from '../src/platforms/kit/request.ts';
import { createSender, type SenderOptions, type WireLogLine } from '../src/wire/send.ts';
import { until } from './support/until.ts';

const cleanups: (() => unknown)[] = [];
after(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

async function listening<S extends Server>(server: S): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const http = (handler: RequestListener) => listening(createServer(handler));
const tcp = (handler: (socket: Socket) => void) => listening(createTcpServer(handler));

function sender(options: Partial<SenderOptions> = {}) {
  const made = createSender({ now: () => performance.now(), privateHosts: ['127.0.0.1'], ...options });
  cleanups.push(() => made.close());
  return made;
}

/** Calls a server on this machine that the operator declared. */
function declared(host: string, options: Partial<SenderOptions> = {}) {
  const whereto = { hosts: [host], environment: 'live', declaredInsecureLoopback: true } as const;
  return sender(options).senderFor(whereto);
}

const get = (url: string, more: Partial<PlatformRequest> = {}): PlatformRequest => ({
  endpoint: 'api',
  method: 'GET',
  url,
  headers: {},
  ...more,
});

function received(answer: PlatformAnswer) {
  assert.ok(answer.kind === 'answer', `an answer came: ${JSON.stringify(answer)}`);
  return answer;
}

function missing(answer: PlatformAnswer, reason: NoAnswerReason, sent: boolean) {
  assert.ok(answer.kind === 'no_answer', 'no answer came');
  assert.deepEqual([answer.reason, answer.sent], [reason, sent], answer.detail);
  return answer;
}

/** Fails on any call: stands for the network where nothing may leave. */
function noNetwork() {
  const agent = new MockAgent();
  agent.disableNetConnect();
  return agent;
}

describe('what is sent and received', () => {
  it('sends method, path, query, headers and body as the adapter wrote them', async () => {
    let seen: unknown;
    const host = await http(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { authorization, 'content-length': length, 'accept-encoding': encoding } = request.headers;
      seen = { method: request.method, url: request.url, authorization, length, encoding, body };
      response.end('{}');
    });
    const headers = { Authorization: 'Bearer t' };
    const request = get(`http://${host}/a%20b/c?x=1&y=%2F`, {
      method: 'POST',
      endpoint: 'token',
      headers,
      body: 'grün=1',
    });
    const answer = received(await declared(host)(request));
    assert.deepEqual(
      { status: answer.status, endpoint: answer.endpoint, body: answer.body },
      { status: 200, endpoint: 'token', body: '{}' },
    );
    const wanted = { method: 'POST', url: '/a%20b/c?x=1&y=%2F', authorization: 'Bearer t' };
    assert.deepEqual(seen, { ...wanted, length: '7', encoding: 'identity', body: 'grün=1' });
  });

  it('never lets a caller’s headers name another host or end the body early', async () => {
    let seen: unknown;
    const host = await http((request, response) => {
      seen = [request.headers.host, request.headers['content-length']];
      response.end();
    });
    const headers = { Host: 'elsewhere.example', 'Content-Length': '1', 'Transfer-Encoding': 'chunked' };
    received(await declared(host)(get(`http://${host}/`, { method: 'POST', headers, body: 'four' })));
    assert.deepEqual(seen, [host, '4']);
  });

  it('gives header names in lower case and joins several values', async () => {
    const host = await tcp((socket) => {
      socket.once('data', () => {
        socket.end(
          'HTTP/1.1 200 OK\r\nX-Many: a\r\nX-MANY: b\r\nSet-Cookie: c=1\r\nset-cookie: d=2\r\ncontent-length: 0\r\n\r\n',
        );
      });
    });
    const { headers } = received(await declared(host)(get(`http://${host}/`)));
    assert.deepEqual([headers['x-many'], headers['set-cookie']], ['a, b', 'c=1, d=2']);
  });

  it('reads the body as UTF-8, without byte order mark, and survives bytes that are none', async () => {
    const host = await http((_request, response) => {
      response.write(Buffer.from([0xef, 0xbb, 0xbf, 0xc3]));
      setImmediate(() => response.end(Buffer.from([0xbc, 0x20, 0xff])));
    });
    assert.equal(received(await declared(host)(get(`http://${host}/`))).body, 'ü \uFFFD');
  });

  it('keeps connections open and uses them again', async () => {
    const ports = new Set<number | undefined>();
    const host = await http((request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    const send = declared(host);
    for (let round = 0; round < 10; round += 1) received(await send(get(`http://${host}/`)));
    // Two, because the first is still being tidied up when the second call is made.
    assert.ok(ports.size <= 2, `${ports.size} connections`);
  });

  it('opens no more connections to a host than allowed', async () => {
    let open = 0;
    let most = 0;
    const host = await http((_request, response) => {
      open += 1;
      most = Math.max(most, open);
      setImmediate(() => {
        open -= 1;
        response.end();
      });
    });
    const send = declared(host, { connectionsPerHost: 2 });
    await Promise.all(Array.from({ length: 10 }, () => send(get(`http://${host}/`)).then(received)));
    assert.ok(most <= 2, `${most} at a time`);
  });
});

describe('what is refused', () => {
  const refused: readonly [string, string][] = [
    ['a host that is not on the list', 'https://other.example/'],
    ['a subdomain of a listed host', 'https://evil.api.example/'],
    ['a listed host with another port', 'https://api.example:8443/'],
    ['a listed host with a dot at its end', 'https://api.example./'],
    ['plain http', 'http://api.example/'],
    ['another protocol', 'ftp://api.example/'],
    ['a listed host that is only the user part', 'https://api.example@other.example/'],
    ['a user part before a listed host', 'https://user:secret@api.example/'],
    ['what is no address', 'api.example/path'],
  ];
  for (const [what, url] of refused) {
    it(`refuses ${what} and sends nothing`, async () => {
      const send = sender({ dispatcher: noNetwork() }).senderFor({
        hosts: ['api.example'],
        environment: 'live',
      });
      const answer = missing(await send(get(url)), 'host_refused', false);
      assert.doesNotMatch(answer.detail ?? '', /secret/);
    });
  }

  it('calls a listed host over https, with or without its usual port, and one with a port of its own', async () => {
    const agent = noNetwork();
    const { senderFor } = sender({ dispatcher: agent });
    for (const [listed, url] of [
      ['api.example', 'https://api.example/x'],
      ['API.example:443', 'https://api.example/x'],
      ['api.example:8443', 'https://api.example:8443/x'],
    ] as const) {
      agent.get(new URL(url).origin).intercept({ path: '/x' }).reply(200, 'there');
      assert.equal(
        received(await senderFor({ hosts: [listed], environment: 'live' })(get(url))).body,
        'there',
      );
    }
  });

  it('speaks plain http to this machine only where the operator declared it', async () => {
    const host = await http((_request, response) => void response.end('here'));
    const undeclared = sender().senderFor({ hosts: [host], environment: 'live' });
    missing(await undeclared(get(`http://${host}/`)), 'host_refused', false);
    assert.equal(received(await declared(host)(get(`http://${host}/`))).body, 'here');
    missing(await declared('10.0.0.1:80')(get('http://10.0.0.1/')), 'host_refused', false);
    missing(await declared('127.0.0.1.example')(get('http://127.0.0.1.example/')), 'host_refused', false);
  });

  it('follows no redirect, and names only the host to which it led', async () => {
    let elsewhere = 0;
    const other = await http((_request, response) => {
      elsewhere += 1;
      response.end();
    });
    const host = await http((_request, response) => {
      response.writeHead(302, { location: `http://${other}/?token=secret` }).end('moved');
    });
    const send = sender().senderFor({
      hosts: [host, other],
      environment: 'live',
      declaredInsecureLoopback: true,
    });
    const answer = missing(await send(get(`http://${host}/`)), 'redirect_refused', true);
    assert.equal(answer.detail, `302 to ${other}`);
    assert.equal(elsewhere, 0);
  });
});

describe('limits', () => {
  it('gives up when the whole call takes too long, even while the answer is dripping in', async () => {
    const host = await http((_request, response) => {
      const drip = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(drip));
    });
    missing(await declared(host, { timeoutMs: 500 })(get(`http://${host}/`)), 'timeout', true);
  });

  it('takes another timeout for an endpoint that has one', async () => {
    const host = await http(() => {});
    const send = declared(host, { timeoutMsOf: { token: 30 } });
    missing(await send(get(`http://${host}/`, { endpoint: 'token', method: 'POST' })), 'timeout', true);
  });

  it('gives up a call that still waits for a connection, and never sends it later', async () => {
    const seen: (string | undefined)[] = [];
    const held: (() => void)[] = [];
    const host = await http((request, response) => {
      seen.push(request.url);
      if (request.url === '/first') held.push(() => response.end());
      else response.end();
    });
    const send = declared(host, { connectionsPerHost: 1, timeoutMs: 5_000, timeoutMsOf: { token: 30 } });
    const first = send(get(`http://${host}/first`));
    await until('the first call has arrived', async () => held.length === 1);
    missing(await send(get(`http://${host}/late`, { endpoint: 'token', method: 'POST' })), 'timeout', false);
    for (const release of held) release();
    received(await first);
    received(await send(get(`http://${host}/next`)));
    assert.deepEqual(seen, ['/first', '/next']);
  });

  it('gives up connecting after its own time: a server that never finishes TLS', async () => {
    const host = await tcp(() => {});
    const send = sender({ connectTimeoutMs: 50 }).senderFor({ hosts: [host], environment: 'live' });
    const answer = missing(await send(get(`https://${host}/`)), 'connection_failed', false);
    assert.equal(answer.detail, 'UND_ERR_CONNECT_TIMEOUT');
  });

  it('drops the connection once the answer is larger than allowed, counted while it comes', async () => {
    let dropped: (value: unknown) => void = () => {};
    const closed = new Promise((resolve) => {
      dropped = resolve;
    });
    const host = await http((_request, response) => {
      response.on('close', dropped);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    });
    missing(
      await declared(host, { maxAnswerBytes: 50_000 })(get(`http://${host}/`)),
      'answer_too_large',
      true,
    );
    await closed;
  });

  it('does not even read an answer that announces itself as too large', async () => {
    const host = await http((_request, response) => {
      response.writeHead(200, { 'content-length': 3_000_000 }).flushHeaders();
    });
    missing(await declared(host)(get(`http://${host}/`)), 'answer_too_large', true);
  });

  it('takes an answer that is exactly as large as allowed', async () => {
    const host = await http((_request, response) => void response.end('x'.repeat(1_000)));
    const answer = received(await declared(host, { maxAnswerBytes: 1_000 })(get(`http://${host}/`)));
    assert.equal(answer.body.length, 1_000);
  });
});

describe('what fails', () => {
  it('says that nothing was sent when no connection came about', async () => {
    const server = createTcpServer();
    const host = await listening(server);
    server.close();
    await once(server, 'close');
    const answer = missing(await declared(host)(get(`http://${host}/`)), 'connection_failed', false);
    assert.equal(answer.detail, 'ECONNREFUSED');
  });

  it('says that the request may have arrived when the connection breaks after it was written', async () => {
    const host = await tcp((socket) => socket.once('data', () => socket.destroy()));
    missing(
      await declared(host)(get(`http://${host}/`, { method: 'POST', body: 'a=1' })),
      'connection_lost',
      true,
    );
  });

  it('says so too when the answer breaks off in its middle', async () => {
    const host = await tcp((socket) => {
      socket.once('data', () =>
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"access_token":"half'),
      );
    });
    missing(await declared(host)(get(`http://${host}/`)), 'connection_lost', true);
  });

  it('says so too when the answer is not HTTP', async () => {
    const host = await tcp((socket) => socket.once('data', () => socket.end('SSH-2.0-hello\r\n')));
    missing(await declared(host)(get(`http://${host}/`)), 'connection_lost', true);
  });

  it('writes a request once: a lost one is not sent again behind our back', async () => {
    let times = 0;
    const host = await tcp((socket) =>
      socket.on('data', () => {
        times += 1;
        socket.destroy();
      }),
    );
    const send = declared(host);
    missing(await send(get(`http://${host}/`)), 'connection_lost', true);
    assert.equal(times, 1);
  });

  it('never throws: not on a header that cannot be sent, not after it was closed, not when the log fails', async () => {
    const host = await http((_request, response) => void response.end('fine'));
    const request = get(`http://${host}/`, { headers: { authorization: 'Bearer line\nbreak' } });
    const answer = missing(await declared(host)(request), 'connection_failed', false);
    assert.doesNotMatch(answer.detail ?? '', /line/);

    const closed = createSender({ now: () => 0 });
    await closed.close();
    const send = closed.senderFor({ hosts: ['api.example'], environment: 'live' });
    missing(await send(get('https://api.example/')), 'connection_failed', false);

    const log = () => {
      throw new Error('the disk is full');
    };
    assert.equal(received(await declared(host, { log })(get(`http://${host}/`))).body, 'fine');
  });
});

describe('the sandbox', () => {
  it('gets every call under the real host’s name, and the real host none', async () => {
    const seen: (string | undefined)[] = [];
    const host = await http((request, response) => {
      seen.push(request.url);
      response.end();
    });
    const { senderFor } = sender({ sandboxBaseUrl: `http://${host}/` });
    const send = senderFor({ hosts: ['api.example', 'api.example:8443'], environment: 'sandbox' });
    received(await send(get('https://api.example/v1/me?fields=id&x=%20')));
    received(await send(get('https://api.example:8443')));
    missing(await send(get('https://other.example/')), 'host_refused', false);
    assert.deepEqual(seen, ['/api.example/v1/me?fields=id&x=%20', '/api.example:8443/']);
  });

  it('refuses calls where no sandbox runs, instead of calling the real host', async () => {
    const send = sender({ dispatcher: noNetwork() }).senderFor({
      hosts: ['api.example'],
      environment: 'sandbox',
    });
    missing(await send(get('https://api.example/')), 'host_refused', false);
  });

  it('sends people to the simulated pages, and in live to the real ones', () => {
    const { browserUrl } = sender({ sandboxBaseUrl: 'http://127.0.0.1:7071' });
    const url = 'https://accounts.example/authorize?state=a%2Fb';
    assert.equal(browserUrl('live', url), url);
    assert.equal(browserUrl('sandbox', url), 'http://127.0.0.1:7071/accounts.example/authorize?state=a%2Fb');
    assert.throws(() => sender().browserUrl('sandbox', url), /does not run/);
  });
});

describe('the log', () => {
  it('tells host, path, outcome, duration and size, and no query, header or body', async () => {
    const host = await http((request, response) => {
      if (request.url?.startsWith('/gone')) response.destroy();
      else response.end('canary-in-body');
    });
    const lines: WireLogLine[] = [];
    let at = 0;
    const now = () => {
      at += 7;
      return at;
    };
    const send = declared(host, { log: (line) => lines.push(line), now });
    const headers = { authorization: 'canary-in-header' };
    await send(
      get(`http://${host}/debug?token=canary-in-query`, { method: 'POST', headers, body: 'canary-in-body' }),
    );
    await send(get(`http://${host}/gone?token=canary-in-query`));
    await send(get('https://other.example/path?token=canary-in-query'));
    const common = { environment: 'live', endpoint: 'api', durationMs: 7 };
    assert.deepEqual(lines, [
      { ...common, method: 'POST', host, path: '/debug', outcome: 200, answerBytes: 14 },
      { ...common, method: 'GET', host, path: '/gone', outcome: 'connection_lost', answerBytes: 0 },
      {
        ...common,
        method: 'GET',
        host: 'other.example',
        path: '/path',
        outcome: 'host_refused',
        answerBytes: 0,
      },
    ]);
    assert.doesNotMatch(JSON.stringify(lines), /canary/);
  });
});
