import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../app/errors.ts';
import { sendProblem } from './errorHandler.ts';
import type { Everything } from './openapi/document.ts';
import { sendProblemPage } from './page.ts';

/** JSON and nothing else; an empty body is none, whatever its Content-Type says. */
export function lenientJson(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else if (isTooDeep(body as string))
      done(new Problem('invalid_request', 'The body is nested too deeply.'));
    else parse(request, body as string, done);
  });
}

const DEEPEST = 200;

/** What is written again later must not be deeper than the stack. Brackets in texts do not count. */
function isTooDeep(body: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < body.length; index += 1) {
    const sign = body[index];
    if (sign === '\\') index += 1;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && (sign === '[' || sign === '{')) depth += 1;
    else if (!quoted && (sign === ']' || sign === '}')) depth -= 1;
    if (depth > DEEPEST) return true;
  }
  return false;
}

/** No such address, or another method than it takes. */
export function notFoundHandler({ routes, pages, plain }: Everything) {
  const known = [...routes, ...pages, ...plain.map(({ path }) => ({ path, method: 'GET' }))].map(
    ({ path, method }) => ({
      method,
      pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
    }),
  );
  return (request: FastifyRequest, reply: FastifyReply) => {
    const path = (request.raw.url ?? '/').split('?', 1)[0] as string;
    const refuse = wantsPage(request) ? sendPage : sendProblem;
    const methods = known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (methods.length === 0)
      return refuse(reply, new Problem('not_found', 'There is nothing at this address. See /docs.'));
    const allowed = [...new Set(methods)].join(', ');
    reply.header('allow', allowed);
    return refuse(reply, new Problem('method_not_allowed', `This address takes ${allowed}.`));
  };
}

const sendPage = (reply: FastifyReply, problem: Problem): FastifyReply =>
  sendProblemPage(reply, problem, null);

/** A person's browser, away from the API. */
function wantsPage(request: FastifyRequest): boolean {
  return !request.url.startsWith('/v1/') && (request.headers.accept ?? '').includes('text/html');
}
