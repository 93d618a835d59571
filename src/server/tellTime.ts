import type { FastifyInstance } from 'fastify';
import type { House } from '../app/context.ts';
import { toRfc3339 } from '../core/instant.ts';

/** The header of every answer with the time of the service (RFC 3339). `Date` is always real time; a sandbox may be elsewhere. */
const TIME_HEADER = 'evergrant-time';

export function tellTime(server: FastifyInstance, house: House): void {
  server.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header(TIME_HEADER, toRfc3339(house.now()));
    done();
  });
}
