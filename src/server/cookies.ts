import type { FastifyReply, FastifyRequest } from 'fastify';

export interface CookieSpec {
  readonly name: string;
  readonly path: string;
  readonly sameSite: 'Lax' | 'Strict';
  readonly maxAgeSeconds: number;
}

/** The cookie's value; null: absent, or not of the letters that ours are made of. */
export function readCookie(request: FastifyRequest, name: string): string | null {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined && /^[A-Za-z0-9_.~-]{1,4000}$/.test(value)) return value;
  }
  return null;
}

/** Sets a cookie that scripts cannot read; over https only where this service is reached by https. */
export function setCookie(reply: FastifyReply, publicUrl: string, spec: CookieSpec, value: string): void {
  const { name, path, sameSite, maxAgeSeconds } = spec;
  const parts = [
    `${name}=${value}`,
    `Path=${path}`,
    'HttpOnly',
    `SameSite=${sameSite}`,
    `Max-Age=${maxAgeSeconds}`,
  ];
  if (publicUrl.startsWith('https:')) parts.push('Secure');
  reply.header('set-cookie', parts.join('; '));
}

export function clearCookie(reply: FastifyReply, publicUrl: string, spec: CookieSpec): void {
  setCookie(reply, publicUrl, { ...spec, maxAgeSeconds: 0 }, '');
}
