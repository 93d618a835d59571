import type { AppConfig } from '../platforms/kit/adapter.ts';

export type Environment = AppConfig['environment'];

/** What decides whether, and where, a request may go. */
export interface AddressRules {
  /** Hosts as in an address: `api.example`, `api.example:8443`. Without a port, the scheme's own is meant. */
  readonly hosts: ReadonlySet<string>;
  readonly environment: Environment;
  /** Where the simulated platforms listen, without trailing slash; null: they do not run. */
  readonly sandboxBaseUrl: string | null;
  /** Plain http is allowed to loopback addresses, because the operator declared such a server. */
  readonly insecureLoopback: boolean;
}

export type Target =
  /** `host` and `path` name the real platform, and carry no query: they may be logged. */
  | {
      readonly ok: true;
      readonly origin: string;
      readonly pathAndQuery: string;
      readonly host: string;
      readonly path: string;
    }
  | { readonly ok: false; readonly host: string; readonly path: string; readonly detail: string };

/** Where a request really goes, or why it goes nowhere. */
export function targetOf(address: string, rules: AddressRules): Target {
  const url = URL.parse(address);
  if (url === null) return { ok: false, host: '', path: '', detail: 'the address cannot be read' };
  const { host, pathname: path } = url;
  const objection = objectionTo(url, rules);
  if (objection !== undefined) return { ok: false, host, path, detail: objection };
  if (rules.environment === 'live') {
    return { ok: true, origin: url.origin, pathAndQuery: `${path}${url.search}`, host, path };
  }
  if (rules.sandboxBaseUrl === null) return { ok: false, host, path, detail: 'the sandbox does not run' };
  const inSandbox = new URL(sandboxAddress(rules.sandboxBaseUrl, url));
  return {
    ok: true,
    origin: inSandbox.origin,
    pathAndQuery: `${inSandbox.pathname}${inSandbox.search}`,
    host,
    path,
  };
}

/** The address under which the simulated platforms serve what the real one serves at `url`. */
export function sandboxAddress(sandboxBaseUrl: string, url: URL): string {
  return `${sandboxBaseUrl}/${url.host}${url.pathname}${url.search}`;
}

function objectionTo(url: URL, rules: AddressRules): string | undefined {
  // `https://allowed@elsewhere/` reads like the allowed host.
  if (url.username !== '' || url.password !== '') return 'the address carries a user or password';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${url.protocol} is not spoken`;
  if (url.protocol === 'http:' && !rules.insecureLoopback) return 'plain http is refused';
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) return 'plain http is allowed to loopback only';
  const withPort = url.port === '' ? `${url.host}:${url.protocol === 'https:' ? 443 : 80}` : url.host;
  return rules.hosts.has(url.host) || rules.hosts.has(withPort) ? undefined : 'the host is not on the list';
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
