import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Cleanup } from './cleanup.ts';

/** Listens on a free port of this machine alone, until the clean-up. */
export async function listen(server: FastifyInstance, cleanup: Cleanup): Promise<number> {
  cleanup.add(() => server.close());
  await server.listen({ host: '127.0.0.1', port: 0 });
  return (server.server.address() as AddressInfo).port;
}

/** A Fastify route that does nothing but write an answer of the given shape, by a schema as every good one does. */
export function bareRoute(answer: object): FastifyInstance {
  const server = Fastify({ logger: false });
  const properties = Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [name, schemaOf(value)]),
  );
  const schema = { response: { 200: { type: 'object', properties } } };
  server.get('/bare/:id/token', { schema }, async () => answer);
  return server as unknown as FastifyInstance;
}

function schemaOf(value: unknown): object {
  if (typeof value !== 'object' || value === null) return { type: 'string', nullable: true };
  return { type: 'object', additionalProperties: { type: 'string' } };
}
