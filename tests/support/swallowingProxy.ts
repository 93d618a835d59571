import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands before a TCP server. While it swallows, both sides believe in the connection and nothing arrives. */
export async function swallowingProxy(upstreamUrl: string) {
  const upstream = new URL(upstreamUrl);
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server = createServer((near) => {
    const far = connect({ host: upstream.hostname, port: Number(upstream.port) });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
      if (swallowing) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(upstreamUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const every = (act: (socket: Socket) => void) => {
    for (const socket of sockets) act(socket);
  };
  return {
    url: url.href,
    /** Holds everything back that is sent from now on. */
    swallow: () => {
      swallowing = true;
      every((socket) => socket.pause());
    },
    /** Lets it through, as when a route comes back before TCP gives up. */
    relent: () => {
      swallowing = false;
      every((socket) => socket.resume());
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        every((socket) => socket.destroy());
      }),
  };
}
