import { at, numberAt, type PlatformAnswer } from '../../core/answer.ts';
import type { Io, Outcome } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import type { PlatformRequest } from '../kit/request.ts';

export const HOST = 'https://business-api.tiktok.com';
export const API = `${HOST}/open_api/v1.3`;

/** Codes with which the envelope says that it carries data; 20001 means "in part". */
const SUCCESS: readonly (number | undefined)[] = [0, 20001];

type SourceReviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

const keepLongIntegers: SourceReviver = (_key, value, context) => {
  const long = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return long ? (context?.source ?? value) : value;
};

/** JSON with integers beyond 2^53 kept as their text: ids here are longer than a number holds. Never throws. */
export function parseKeepingIds(text: string): unknown {
  try {
    return JSON.parse(text, keepLongIntegers as (key: string, value: unknown) => unknown);
  } catch {
    return undefined;
  }
}

/** The envelope's `code`; the HTTP status is 200 for almost everything. */
export const codeOf = (json: unknown): number | undefined => numberAt(json, 'code');

/** The `data` of an answer whose envelope says success; anything else is a failing answer, HTTP 200 or not. */
export function dataOf(answer: PlatformAnswer): Outcome<unknown> {
  if (!succeeded(answer)) return { ok: false, answer };
  const json = parseKeepingIds(answer.body);
  return SUCCESS.includes(codeOf(json)) ? { ok: true, value: at(json, 'data') } : { ok: false, answer };
}

export async function call(io: Io, request: PlatformRequest): Promise<Outcome<unknown>> {
  return dataOf(await io.send(request));
}

/** The header that carries the token; `Authorization` is not read. */
export const tokenHeader = (token: string | undefined) => ({ 'access-token': token ?? '' });

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
