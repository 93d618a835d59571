import { introspectionRequest } from 'oauth4webapi';
import { at, numberAt, type PlatformAnswer, parseJson } from '../../core/answer.ts';
import type { AppConfig, Held, Io, ProbeResult } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { bearer, get } from '../kit/request.ts';
import { clientAuthentication } from './clientAuth.ts';
import { refusal } from './refusal.ts';
import { clientOf, type Server } from './server.ts';
import { endsByTime } from './tokens.ts';
import { ask } from './wire.ts';

/** Set in a grant's `extra` once the server has called its refresh token active: from then on `inactive` is a word to trust. */
export const VOUCHED = 'refresh_token_introspected';

type Kind = 'refresh_token' | 'access_token';

interface Seen {
  readonly answer: PlatformAnswer;
  /** undefined: the server did not say. */
  readonly active: boolean | undefined;
  readonly endsAt: number | undefined;
}

/** Asks by introspection, else by userinfo. A server with neither can only be asked by a renewal. */
export async function probe(server: Server, io: Io, app: AppConfig, held: Held): Promise<ProbeResult> {
  const introspected = server.metadata.introspection_endpoint
    ? await byIntrospection(server, io, app, held)
    : undefined;
  if (introspected?.said) return introspected.result;
  const endpoint = personEndpoint(server);
  if (endpoint !== undefined) return byPerson(io, endpoint, held);
  if (introspected) return introspected.result;
  const why =
    'This server offers neither introspection nor userinfo: only a renewal shows whether the grant lives.';
  return { verdict: 'unclear', answer: refusal('probe', 'no_probe', why) };
}

/** `said`: the server answered the question, if not always to the point. */
interface Introspected {
  readonly said: boolean;
  readonly result: ProbeResult;
}

/**
 * RFC 7662. Many servers introspect access tokens only and call every refresh token inactive (2.2 allows it), so an
 * inactive refresh token is a death only if this server called it active before, or calls a fresh access token dead too.
 */
async function byIntrospection(server: Server, io: Io, app: AppConfig, held: Held): Promise<Introspected> {
  if (!held.secrets.refresh_token) {
    const seen = await introspect(server, io, app, held, 'access_token');
    return { said: seen.active !== undefined, result: verdictOn(seen, seen.active === false) };
  }
  const refresh = await introspect(server, io, app, held, 'refresh_token');
  if (refresh.active !== false) return { said: refresh.active !== undefined, result: alive(server, refresh) };
  if (held.facts.extra[VOUCHED] === true) return { said: true, result: verdictOn(refresh, true) };
  if (!accessShouldLive(io, held)) return { said: true, result: verdictOn(refresh, false) };
  const access = await introspect(server, io, app, held, 'access_token');
  return {
    said: true,
    result: { verdict: access.active === false ? 'dead' : 'unclear', answer: refresh.answer },
  };
}

function verdictOn(seen: Seen, dead: boolean): ProbeResult {
  if (seen.active)
    return {
      verdict: 'alive',
      ...(seen.endsAt === undefined ? {} : { facts: { accessExpiresAt: seen.endsAt } }),
    };
  return { verdict: dead ? 'dead' : 'unclear', answer: seen.answer };
}

function alive(server: Server, seen: Seen): ProbeResult {
  if (!seen.active) return { verdict: 'unclear', answer: seen.answer };
  const end =
    seen.endsAt !== undefined && endsByTime(server.declaration) ? { renewalExpiresAt: seen.endsAt } : {};
  return { verdict: 'alive', facts: { ...end, extra: { [VOUCHED]: true } } };
}

async function introspect(server: Server, io: Io, app: AppConfig, held: Held, kind: Kind): Promise<Seen> {
  const answer = await ask(io, 'probe', (options) =>
    introspectionRequest(
      server.metadata,
      clientOf(app),
      clientAuthentication(server, io, app),
      held.secrets[kind] ?? '',
      {
        ...options,
        additionalParameters: { token_type_hint: kind },
      },
    ),
  );
  const json = succeeded(answer) ? parseJson(answer.body) : undefined;
  const active = String(at(json, 'active'));
  const endsAt = numberAt(json, 'exp');
  return {
    answer,
    active: active === 'true' ? true : active === 'false' ? false : undefined,
    endsAt: endsAt !== undefined && endsAt > 0 ? endsAt * 1000 : undefined,
  };
}

function personEndpoint({ declaration, metadata }: Server): string | undefined {
  const declared = declaration.identity?.endpoint;
  return declared === undefined || declared === 'token_answer' ? metadata.userinfo_endpoint : declared;
}

/** 401 for a token that should still live is a death; for one that has ended anyway it says nothing. */
async function byPerson(io: Io, endpoint: string, held: Held): Promise<ProbeResult> {
  const answer = await io.send(get('probe', endpoint, {}, bearer(held.secrets.access_token ?? '')));
  const refused = answer.kind === 'answer' && answer.status === 401;
  if (succeeded(answer)) return { verdict: 'alive' };
  return { verdict: refused && accessShouldLive(io, held) ? 'dead' : 'unclear', answer };
}

function accessShouldLive(io: Io, { facts, secrets }: Held): boolean {
  return (
    Boolean(secrets.access_token) && (facts.accessExpiresAt === null || io.now() < facts.accessExpiresAt)
  );
}
