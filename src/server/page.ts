import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { House } from '../app/context.ts';
import { Problem, type ProblemCode } from '../app/errors.ts';
import { cameFromElsewhere } from './crossSite.ts';
import { asProblem, routeOf } from './errorHandler.ts';
import type { Html } from './html.ts';
import { problemPage } from './pages/problemPage.ts';
import { contentSecurityPolicy } from './pages/style.ts';
import { fastifyPath } from './register.ts';

/** What a page answers with: markup, or another address. */
export type PageAnswer =
  | {
      readonly page: Html;
      readonly status?: number;
      /** Origins to which a form on it leads. */
      readonly formTargets?: readonly string[];
      /** The browser loads it again after so many seconds. For pages on which somebody has asked for that. */
      readonly againAfterSeconds?: number;
    }
  | { readonly redirect: string };

export interface PageCall {
  readonly house: House;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The fields of a form that was sent. */
  readonly form: URLSearchParams;
}

/** A page for people. It appears in the OpenAPI document too. */
export interface PageSpec {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Parameters of the path, with their meaning. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Query parameters, with their meaning. */
  readonly query?: Readonly<Record<string, string>>;
  /** Whether it may answer with 303, and whether with a page. */
  readonly answers: readonly ('page' | 'redirect')[];
  readonly handle: (call: PageCall) => Promise<PageAnswer>;
  /** Where "try again" leads on the page that tells of a problem; null: nowhere. */
  readonly tryAgain?: (call: PageCall) => string | null;
  /** Where a problem is told, when not here: this page's own address must not stay in the browser. */
  readonly problemAddress?: (call: PageCall, problem: Problem) => Promise<string>;
}

/** Puts pages on the server. What goes wrong on them is told as a page. */
export function registerPages(server: FastifyInstance, house: House, pages: readonly PageSpec[]): void {
  server.register(async (scope) => {
    const parser = (
      _: FastifyRequest,
      body: string | Buffer,
      done: (error: null, form: URLSearchParams) => void,
    ) => done(null, new URLSearchParams(String(body)));
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, parser);
    scope.setErrorHandler((error, request, reply) =>
      sendProblemPage(reply, asProblem(error, request, house), null),
    );
    for (const page of pages)
      scope.route({ method: page.method, url: fastifyPath(page.path), handler: handlerOf(page, house) });
  });
}

/** Somebody came without the right to: each is logged, for there may be no activity log that it belongs to. */
const REFUSALS = new Set<ProblemCode>(['link_expired', 'state_invalid', 'forbidden', 'identity_mismatch']);

function handlerOf(page: PageSpec, house: House) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { searchParams } = new URL(request.raw.url ?? '/', 'http://localhost');
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    const params = request.params as Readonly<Record<string, string>>;
    const call: PageCall = { house, request, reply, params, query: searchParams, form };
    try {
      refuseForeignForm(request, house.publicUrl);
      return sendAnswer(reply, await page.handle(call));
    } catch (error) {
      const problem = asProblem(error, request, house);
      if (REFUSALS.has(problem.code)) {
        house.log.warn(
          { request_id: request.id, route: routeOf(request), code: problem.code },
          'A link or a sign-in was refused',
        );
      }
      if (page.problemAddress)
        return sendAnswer(reply, { redirect: await page.problemAddress(call, problem) });
      return sendProblemPage(reply, problem, page.tryAgain?.(call) ?? null);
    }
  };
}

/** Browsers say where a form came from; one of another site is refused. */
function refuseForeignForm(request: FastifyRequest, publicUrl: string): void {
  if (request.method !== 'POST' || !cameFromElsewhere(request, publicUrl)) return;
  throw new Problem(
    'forbidden',
    'This form was sent from another site. Open the page here and fill it in again.',
  );
}

function sendAnswer(reply: FastifyReply, answer: PageAnswer): FastifyReply {
  guard(reply, 'formTargets' in answer ? answer.formTargets : undefined);
  if ('redirect' in answer) return reply.code(303).header('location', answer.redirect).send('');
  if (answer.againAfterSeconds !== undefined) reply.header('refresh', answer.againAfterSeconds);
  return reply
    .code(answer.status ?? 200)
    .type('text/html; charset=utf-8')
    .send(answer.page.markup);
}

export function sendProblemPage(
  reply: FastifyReply,
  problem: Problem,
  tryAgain: string | null,
): FastifyReply {
  guard(reply);
  return reply
    .code(problem.status)
    .type('text/html; charset=utf-8')
    .send(problemPage(problem, tryAgain).markup);
}

/** No scripts, no frames, nothing from elsewhere, nothing kept, and no address passed on (RFC 9700 4.2). */
function guard(reply: FastifyReply, formTargets?: readonly string[]): void {
  reply.headers({
    'content-security-policy': contentSecurityPolicy(formTargets),
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin-allow-popups',
    'cache-control': 'no-store',
  });
}
