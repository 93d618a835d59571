import type { IDToken } from 'oauth4webapi';
import { parseJson, textAt } from '../../core/answer.ts';
import type { Identity, Io, Outcome } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { bearer, get } from '../kit/request.ts';
import { refused } from './refusal.ts';
import type { Server } from './server.ts';

/** What an exchange brought from which a person may be known. */
export interface Traces {
  readonly accessToken: string;
  /** The token answer as JSON. */
  readonly answer: unknown;
  /** The claims of a checked ID token. */
  readonly claims: IDToken | undefined;
}

interface Paths {
  readonly id: string;
  readonly name: string | undefined;
  readonly email: string | undefined;
}

const CLAIMS: Paths = { id: 'sub', name: 'name', email: 'email' };

/** Who authorized: by the declared fields, else by the ID token, else by userinfo. undefined: this server does not tell. */
export async function identify(
  io: Io,
  server: Server,
  traces: Traces,
): Promise<Outcome<Identity | undefined>> {
  const { identity: declared } = server.declaration;
  const userinfo = server.metadata.userinfo_endpoint;
  if (declared) {
    const paths = { id: declared.id_path, name: declared.name_path, email: declared.email_path };
    if (declared.endpoint === 'token_answer') return known(traces.answer, paths);
    const endpoint = declared.endpoint ?? userinfo;
    return endpoint === undefined ? missing() : ask(io, endpoint, traces.accessToken, paths);
  }
  if (traces.claims) return byClaims(io, userinfo, traces.accessToken, traces.claims);
  return userinfo === undefined
    ? { ok: true, value: undefined }
    : ask(io, userinfo, traces.accessToken, CLAIMS);
}

/** The claims decide who it is; userinfo may add the name, if it speaks of the same person (OpenID Connect Core 5.3.2). */
async function byClaims(
  io: Io,
  userinfo: string | undefined,
  accessToken: string,
  claims: IDToken,
): Promise<Outcome<Identity>> {
  const found = known(claims, CLAIMS);
  if (!found.ok || userinfo === undefined || found.value.name !== null) return found;
  const more = await ask(io, userinfo, accessToken, CLAIMS);
  if (!more.ok || more.value.id !== found.value.id) return found;
  const { name, email } = more.value;
  return { ok: true, value: { ...found.value, name, email: found.value.email ?? email } };
}

async function ask(io: Io, endpoint: string, accessToken: string, paths: Paths): Promise<Outcome<Identity>> {
  const answer = await io.send(get('probe', endpoint, {}, bearer(accessToken)));
  return succeeded(answer) ? known(parseJson(answer.body), paths) : { ok: false, answer };
}

function known(json: unknown, paths: Paths): Outcome<Identity> {
  const value = identityIn(json, paths);
  return value ? { ok: true, value } : missing();
}

const missing = () =>
  refused(
    'probe',
    'identity_missing',
    'The answer that should name the person has no id where the declaration says.',
  );

function identityIn(json: unknown, paths: Paths): Identity | undefined {
  const id = fieldAt(json, paths.id);
  if (id === undefined || id === '') return undefined;
  return {
    id,
    kind: 'person',
    name: fieldAt(json, paths.name) ?? null,
    email: fieldAt(json, paths.email) ?? null,
  };
}

/** The text at a declared path such as `data.user.id`. */
export function fieldAt(json: unknown, path: string | undefined): string | undefined {
  return path === undefined ? undefined : textAt(json, ...path.split('.'));
}
