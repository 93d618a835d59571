import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { ProblemCode } from '../app/errors.ts';

/** A route beside the API: open to all, and about the service itself. */
export interface PlainSpec {
  readonly name: string;
  readonly path: string;
  readonly summary: string;
  readonly contentType: string;
  /** For JSON; absent: text. */
  readonly answer?: z.ZodType;
  readonly problems?: readonly ProblemCode[];
  /** Answers HEAD too: for probes from outside. */
  readonly head?: boolean;
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<string>;
}

export function registerPlain(server: FastifyInstance, spec: PlainSpec): void {
  server.route({
    method: spec.head ? ['GET', 'HEAD'] : 'GET',
    url: spec.path,
    handler: async (request, reply) => reply.type(spec.contentType).send(await spec.handle(request, reply)),
  });
}
