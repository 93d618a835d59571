import { type Environment, environmentOf, exampleOf, hostsIn, wrongValues } from './environment.ts';

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Without trailing slash; null: the address on which the service listens. */
  readonly publicUrl: string | null;
  /** Null: the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  /** One or more keys, the current one first; null: the key file in `dataDir`. */
  readonly masterKey: string | null;
  readonly bootstrapApiKey: string | null;
  readonly sandbox: boolean;
  readonly sandboxPort: number;
  /** What a scraper of `/metrics` sends as a bearer token; null: only this machine may scrape. */
  readonly metricsToken: string | null;
  /** Hosts of declared servers that may be in a private network or on this machine. */
  readonly privateHosts: readonly string[];
  readonly logLevel: string;
}

export type ConfigReading =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads the environment. Every mistake is named at once: the variable, what is wrong with it, what is allowed, and an
 * example. Values are never repeated: some are secrets.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ConfigReading {
  const set = environmentOf(environment);
  const problems = [...wrongValues(set), ...needs(set)];
  if (problems.length > 0) return { ok: false, problems };
  const sandbox = set.EVERGRANT_SANDBOX === 'on';
  return {
    ok: true,
    config: {
      port: Number(set.PORT ?? 7070),
      host: set.HOST ?? '127.0.0.1',
      publicUrl: set.EVERGRANT_PUBLIC_URL?.replace(/\/+$/, '') ?? null,
      databaseUrl: set.DATABASE_URL ?? null,
      dataDir: set.EVERGRANT_DATA_DIR ?? './data',
      masterKey: set.EVERGRANT_MASTER_KEY ?? null,
      bootstrapApiKey: set.EVERGRANT_BOOTSTRAP_API_KEY ?? null,
      sandbox,
      sandboxPort: Number(set.EVERGRANT_SANDBOX_PORT ?? 7071),
      metricsToken: set.EVERGRANT_METRICS_TOKEN ?? null,
      privateHosts: hostsIn(set.EVERGRANT_ALLOW_PRIVATE_HOSTS ?? ''),
      logLevel: set.EVERGRANT_LOG_LEVEL ?? (sandbox ? 'warn' : 'info'),
    },
  };
}

/** What one setting asks of another, also where a third is malformed. */
function needs(found: Environment): string[] {
  const problems: string[] = [];
  const [own, platforms] = [Number(found.PORT ?? 7070), Number(found.EVERGRANT_SANDBOX_PORT ?? 7071)];
  if (found.EVERGRANT_SANDBOX === 'on' && own === platforms && own !== 0)
    problems.push(
      `EVERGRANT_SANDBOX_PORT has to be another than PORT: the simulated platforms listen beside the service. Example: EVERGRANT_SANDBOX_PORT=${own === 7071 ? 7072 : 7071}`,
    );
  const local = ['127.0.0.1', 'localhost', '::1'].includes(found.HOST ?? '127.0.0.1');
  if (!local && found.EVERGRANT_PUBLIC_URL === undefined) {
    problems.push(
      `EVERGRANT_PUBLIC_URL is needed when HOST is not this machine alone: platforms send people back to it. ${exampleOf('EVERGRANT_PUBLIC_URL')}`,
    );
  }
  if (found.EVERGRANT_SANDBOX !== 'on' && isPlainElsewhere(found.EVERGRANT_PUBLIC_URL)) {
    problems.push(
      `EVERGRANT_PUBLIC_URL has to begin with https:// unless it names this machine: codes and cookies travel there. ${exampleOf('EVERGRANT_PUBLIC_URL')}`,
    );
  }
  if (
    found.DATABASE_URL !== undefined &&
    found.EVERGRANT_MASTER_KEY === undefined &&
    found.EVERGRANT_SANDBOX !== 'on'
  ) {
    problems.push(
      `EVERGRANT_MASTER_KEY is needed with DATABASE_URL: several servers share the database, so each has to be given the same key. ${exampleOf('EVERGRANT_MASTER_KEY')}`,
    );
  }
  return problems;
}

/** RFC 9700 2.6: nothing of an authorization goes over plain http, but to this machine itself. */
function isPlainElsewhere(address: string | undefined): boolean {
  const url = URL.parse(address ?? '');
  return url?.protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}
