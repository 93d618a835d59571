import type { Endpoint } from '../../core/answer.ts';

/** One call to a platform, ready to be sent. Secrets travel in headers and body, never in the address,
 * except where a platform knows no other way; then `url` must not be logged (it never is). */
export interface PlatformRequest {
  readonly endpoint: Endpoint;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Fields = Readonly<Record<string, string | undefined>>;
type Headers = Readonly<Record<string, string>>;

/** A form-urlencoded POST; fields that are undefined are left out. */
export function formPost(
  endpoint: Endpoint,
  url: string,
  fields: Fields,
  headers: Headers = {},
): PlatformRequest {
  return {
    endpoint,
    method: 'POST',
    url,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: query(fields).toString(),
  };
}

/** A JSON POST. */
export function jsonPost(
  endpoint: Endpoint,
  url: string,
  body: unknown,
  headers: Headers = {},
): PlatformRequest {
  return {
    endpoint,
    method: 'POST',
    url,
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** A GET with query parameters; those that are undefined are left out. */
export function get(
  endpoint: Endpoint,
  url: string,
  fields: Fields = {},
  headers: Headers = {},
): PlatformRequest {
  return {
    endpoint,
    method: 'GET',
    url: withQuery(url, fields),
    headers: { accept: 'application/json', ...headers },
  };
}

/** The address with the fields added to its query. */
export function withQuery(url: string, fields: Fields): string {
  const added = query(fields).toString();
  if (added === '') return url;
  return `${url}${url.includes('?') ? '&' : '?'}${added}`;
}

export function bearer(token: string): Headers {
  return { authorization: `Bearer ${token}` };
}

/** HTTP Basic with both parts form-urlencoded first (RFC 6749 2.3.1). */
export function basic(user: string, password: string): Headers {
  const encode = (text: string) => query({ v: text }).toString().slice(2);
  return { authorization: `Basic ${Buffer.from(`${encode(user)}:${encode(password)}`).toString('base64')}` };
}

function query(fields: Fields): URLSearchParams {
  const result = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) result.set(name, value);
  return result;
}
