const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

/**
 * The address as a sandbox reaches it; undefined where it does not: it reaches nobody but programs of this machine, and
 * those without TLS, whatever the address says.
 */
export function inReach(to: string): string | undefined {
  const url = URL.parse(to);
  if (url === null || !/^https?:$/.test(url.protocol) || !LOOPBACK.includes(url.hostname)) return undefined;
  url.protocol = 'http:';
  return url.href;
}
