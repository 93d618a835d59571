import { createServer, type Socket } from 'node:net';
import pg from 'pg';

const SSL_REQUEST = 80_877_103;
const READY = 'Z'.charCodeAt(0);
const IDLE = 'I'.charCodeAt(0);
const GOODBYE = 'X'.charCodeAt(0);

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** What a server says to who has signed in. */
const WELCOME = Buffer.concat([
  message('R', Buffer.alloc(4)),
  message('S', Buffer.from('client_encoding\0UTF8\0')),
  message('Z', Buffer.from('I')),
]);

/** Whether the last whole message in the bytes says that no transaction is open. */
function endsIdle(bytes: Buffer): boolean {
  let at = 0;
  let last: Buffer | null = null;
  while (at + 5 <= bytes.length && at + 1 + bytes.readInt32BE(at + 1) <= bytes.length) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    last = bytes.subarray(at, end);
    at = end;
  }
  return at === bytes.length && last !== null && last[0] === READY && last[5] === IDLE;
}

/**
 * A pooler as PgBouncer in transaction mode: all clients share one connection to the server, which changes hands
 * whenever no transaction is open on it, and nothing is reset in between.
 */
export async function transactionPooler(upstreamUrl: string) {
  const upstream = new pg.Client({ connectionString: upstreamUrl });
  await upstream.connect();
  upstream.on('error', () => {});
  const { stream } = (upstream as unknown as { connection: { stream: Socket } }).connection;
  stream.removeAllListeners('data');
  const waiting: { readonly client: Socket; readonly bytes: Buffer }[] = [];
  const clients = new Set<Socket>();
  let holder: Socket | null = null;
  let hands = 0;
  let answer = Buffer.alloc(0);
  const next = (): void => {
    const turn = waiting.findIndex(({ client }) => holder === null || client === holder);
    if (turn < 0) return;
    const [{ client, bytes }] = waiting.splice(turn, 1) as [(typeof waiting)[number]];
    if (holder === null) hands += 1;
    holder = client;
    stream.write(bytes);
    next();
  };
  stream.on('data', (bytes: Buffer) => {
    holder?.write(bytes);
    answer = Buffer.concat([answer, bytes]);
    if (!endsIdle(answer)) return;
    answer = Buffer.alloc(0);
    holder = null;
    next();
  });
  const server = createServer((client) => {
    let signedIn = false;
    clients.add(client);
    client.on('error', () => {});
    client.on('data', (bytes) => {
      if (bytes[0] === GOODBYE) {
        client.end();
        return;
      }
      if (signedIn) {
        waiting.push({ client, bytes });
        next();
        return;
      }
      const isSsl = bytes.readInt32BE(4) === SSL_REQUEST;
      signedIn = !isSsl;
      client.write(isSsl ? 'N' : WELCOME);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(upstreamUrl);
  url.port = String((server.address() as { port: number }).port);
  return {
    url: url.href,
    /** How often the connection has changed hands. */
    hands: () => hands,
    close: async () => {
      server.close();
      for (const socket of [...clients, stream]) socket.destroy();
    },
  };
}
