import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context, House } from '../app/context.ts';
import type { Authenticate } from './authenticate.ts';
import { keyOf, once } from './idempotency.ts';
import { serializerSchema } from './jsonSchema.ts';
import { readCall } from './readCall.ts';
import { type Route, statusOf } from './route.ts';

/** Puts a route on the server: who asks, what for, the verb, the answer, which leaves when it may. */
export function register(
  server: FastifyInstance,
  house: House,
  authenticate: Authenticate,
  route: Route,
  mayLeave: () => Promise<void>,
): void {
  const schema =
    route.answer === null ? {} : { response: { [statusOf(route)]: serializerSchema(route.answer) } };
  const texts: Texts = new WeakMap();
  server.route({
    method: route.method,
    url: fastifyPath(route.path),
    schema,
    // Before the body is read: nobody unknown makes us parse anything.
    onRequest: (request, _reply, done) => {
      const admit = (ctx: Context): void => {
        (request as Authorized).ctx = ctx;
        done();
      };
      const ctx = authenticate(request, route.scope);
      // Who is known already goes on at once.
      if (ctx instanceof Promise) ctx.then(admit, done);
      else admit(ctx);
    },
    handler: async (request, reply) => {
      const { ctx } = request as Authorized;
      const { id, query, body } = readCall(route, request);
      const call = { ctx, id, query, body };
      const key = route.method === 'POST' ? keyOf(request) : null;
      if (key === null) {
        const { body } = written(route, reply, await route.handle(call), texts);
        await mayLeave();
        return reply.send(body);
      }
      const work = async () => written(route, reply, await route.handle(call), texts);
      return once({ ctx, house, key, request, reply }, work);
    },
  });
}

type Authorized = FastifyRequest & { ctx: Context };

/** A place for what `onRequest` finds out, so that all requests keep one shape. */
export function prepareRequests(server: FastifyInstance): void {
  server.decorateRequest('ctx', null);
}

export function fastifyPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

/** The answer as the text that leaves, and where a created thing is. */
export interface Written {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
}

/** What was answered with before, as JSON: an answer never changes, and a token is the same object as long as it is remembered. */
type Texts = WeakMap<object, string>;

function written(route: Route, reply: FastifyReply, value: object, texts: Texts): Written {
  const status = statusOf(route);
  reply.code(status).header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  if (route.noStore) reply.header('pragma', 'no-cache');
  if (route.answer === null) return { status, location: null, body: '' };
  const location = route.location?.(value) ?? null;
  if (location !== null) reply.header('location', location);
  reply.type('application/json; charset=utf-8');
  const body = texts.get(value) ?? (reply.serialize(value) as string);
  texts.set(value, body);
  return { status, location, body };
}
