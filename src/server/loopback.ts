import type { FastifyRequest } from 'fastify';

const THIS_MACHINE = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOCAL_NAME = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** Whether a host, with or without a port, is a name that every machine has for itself. */
export const isLocalName = (host: string): boolean => LOCAL_NAME.test(host);

/**
 * Whether the caller sits at this machine: by address, by a name that only this machine answers to (a page elsewhere can
 * point its own name at 127.0.0.1), and not through a proxy, whose address says nothing about the caller.
 */
export function cameFromThisMachine(request: FastifyRequest, publicUrl: string): boolean {
  if (!THIS_MACHINE.test(request.socket.remoteAddress ?? '')) return false;
  if (PROXY_HEADERS.some((name) => request.headers[name] !== undefined)) return false;
  const host = request.headers.host ?? '';
  return isLocalName(host) || host === new URL(publicUrl).host;
}
