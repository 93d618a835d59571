import type { FastifyRequest } from 'fastify';
import type { LookedUp } from '../app/briefly.ts';
import type { Context, House } from '../app/context.ts';
import { Problem } from '../app/errors.ts';
import { sha256Hex } from '../app/hash.ts';
import { type ApiKeyScope, contextOfKey } from '../app/manageApiKeys.ts';
import { routeOf } from './errorHandler.ts';

export type StoredKey = NonNullable<Awaited<ReturnType<House['apiKeys']>>>;

/** Whose key a request carries, if it carries one that exists. */
export type FindKey = (key: string) => LookedUp<StoredKey>;

/** Says for whom a request acts. Throws {@link Problem} `unauthorized` or `forbidden`. */
export type Authenticate = (request: FastifyRequest, needed: ApiKeyScope) => Context | Promise<Context>;

const BEARER = /^Bearer +([\x21-\x7e]+)$/i;

/** Keys are looked up by their hash, and nothing but hashes is compared: how long that takes tells nothing of a key. */
export function keyFinder(house: House): FindKey {
  return (key) => house.apiKeys(sha256Hex(key));
}

export function authenticator(house: House, findKey: FindKey): Authenticate {
  return (request, needed) => {
    const key = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const admit = (record: StoredKey | undefined): Context | Promise<Context> => {
      try {
        return contextOfKey(house, record, needed);
      } catch (error) {
        return refuse(house, request, record, error);
      }
    };
    const record = key === undefined ? undefined : findKey(key);
    return record instanceof Promise ? record.then(admit) : admit(record);
  };
}

async function refuse(
  house: House,
  request: FastifyRequest,
  record: StoredKey | undefined,
  error: unknown,
): Promise<never> {
  if (error instanceof Problem) await noteRefusal(house, request, record, error);
  throw error;
}

/** Every refused request is on record: with its workspace where the key names one, else in the process's log. */
async function noteRefusal(
  house: House,
  request: FastifyRequest,
  record: StoredKey | undefined,
  problem: Problem,
) {
  const route = routeOf(request);
  house.log.warn(
    { request_id: request.id, route, code: problem.code, key: record?.id },
    'A request was refused',
  );
  if (!record) return;
  const { workspaceId, id } = record;
  const detail = { code: problem.code, route, revoked: record.revokedAt !== null };
  const action = 'api_key.refused';
  await house.store.appendActivity([
    { workspaceId, at: house.now(), actor: `api_key:${id}`, action, subjects: [id], detail },
  ]);
}
