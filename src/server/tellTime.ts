import type { FastifyInstance } from 'fastify';
import type { House } from '../app/context.ts';
import { toRfc3339 } from '../core/instant.ts';

/** The header with the time of the service (RFC 3339) in each answer of a sandbox: its clock can be moved, and `Date` is always real time. */
const TIME_HEADER = 'evergrant-time';

export function tellTime(server: FastifyInstance, house: House): void {
  if (house.clock === null) return;
  server.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header(TIME_HEADER, toRfc3339(house.now()));
    done();
  });
}
