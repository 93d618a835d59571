import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { House } from '../app/context.ts';
import { authenticator, keyFinder } from './authenticate.ts';
import { answerUnreadable } from './clientError.ts';
import { atOnce, endOfTurn } from './endOfTurn.ts';
import { asProblem, sendProblem } from './errorHandler.ts';
import { lenientJson, notFoundHandler } from './framework.ts';
import { type Everything, type OpenApiDocument, openApiDocument } from './openapi/document.ts';
import { placesOf, type ServerOptions } from './options.ts';
import { registerPages } from './page.ts';
import { registerPlain } from './plain.ts';
import { prepareRequests, register } from './register.ts';
import { callbackPages } from './routes/callback.ts';
import { clockPages } from './routes/clockPages.ts';
import { dashboardPages } from './routes/dashboard.ts';
import { documentPages, documentRoutes } from './routes/documents.ts';
import { healthRoutes } from './routes/health.ts';
import { hostedPages } from './routes/hosted.ts';
import { ROUTES } from './routes/index.ts';
import { tellTime } from './tellTime.ts';

export type { ServerOptions } from './options.ts';

const BODY_LIMIT_BYTES = 1024 * 1024;
/** Until a request has arrived whole: nobody holds a connection by sending slowly. */
const ARRIVAL_MS = 60_000;

/** The HTTP face of a house. It translates; what happens is decided by the verbs. Not listening yet. */
export function createServer(house: House, options: ServerOptions = {}): FastifyInstance {
  const server = bareServer(house, options);
  const findKey = keyFinder(house);
  let document: OpenApiDocument | undefined;
  const everything: Everything = {
    routes: ROUTES,
    plain: [...healthRoutes(house, options), ...documentRoutes(() => documentOf())],
    pages: [
      ...dashboardPages(house, options, findKey),
      ...(house.clock === null ? [] : clockPages(house, options)),
      ...hostedPages,
      ...callbackPages,
      ...documentPages(() => documentOf(), placesOf(house, options)),
    ],
  };
  const documentOf = () => {
    document ??= openApiDocument(everything, house.publicUrl, options.version ?? '0.0.0');
    return document;
  };
  server.setErrorHandler((error, request, reply) => sendProblem(reply, asProblem(error, request, house)));
  server.setNotFoundHandler(notFoundHandler(everything));
  const authenticate = authenticator(house, findKey);
  const mayLeave = options.answersTogether === false ? atOnce : endOfTurn;
  for (const route of everything.routes) register(server, house, authenticate, route, mayLeave);
  for (const spec of everything.plain) registerPlain(server, spec);
  registerPages(server, house, everything.pages);
  return server;
}

function bareServer(house: House, options: ServerOptions): FastifyInstance {
  let requests = 0;
  const server = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : { logger: false }),
    // Addresses may hold links and codes, so that no request is logged by the framework.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.trustProxy ?? false,
    bodyLimit: options.bodyLimitBytes ?? BODY_LIMIT_BYTES,
    genReqId: () => `${house.nodeId}-${(++requests).toString(36)}`,
    requestTimeout: ARRIVAL_MS,
    routerOptions: { maxParamLength: 2000 },
    exposeHeadRoutes: false,
    return503OnClosing: true,
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error, request, reply) => void sendProblem(reply, asProblem(error, request, house)),
  }) as unknown as FastifyInstance;
  tellTime(server, house);
  lenientJson(server);
  prepareRequests(server);
  return server;
}
