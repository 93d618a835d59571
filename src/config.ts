import { z } from 'zod';

const PORT_WORDS = 'has to be a whole number from 0 to 65535 (0: any free port).';
const port = z.coerce
  .number(PORT_WORDS)
  .refine((number) => Number.isInteger(number) && number >= 0 && number <= 65_535, PORT_WORDS);
const httpUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'has to be an http(s) address such as https://grants.example.com',
  );

/** The forms that the vault takes, told here so that a wrong one is named before anything is opened. */
const isMasterKey = (text: string): boolean => /^([0-9a-f]{64}|[\w+/-]{43}=?)$/i.test(text.trim());
const masterKeys = z.string().refine(
  (text) =>
    text
      .split(',')
      .filter((part) => part.trim() !== '')
      .every(isMasterKey),
  'has to be 32 bytes as base64 (44 characters) or hexadecimal (64 digits), or several of them with commas between. Make one with: openssl rand -base64 32',
);

/** As in an address, with or without a port. */
const HOST = /^([a-z\d]([a-z\d.-]*[a-z\d])?|\[[\da-f:.]+\])(:\d{1,5})?$/;
const hosts = z
  .string()
  .transform((text) =>
    text
      .toLowerCase()
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .refine(
    (list) => list.every((host) => HOST.test(host)),
    'has to be host names or addresses with commas between, each with or without a port, such as: login.intranet, 10.0.0.5:8443, [fd00::5]',
  );

const Environment = z.object({
  PORT: port.default(7070),
  HOST: z.string().min(1).default('127.0.0.1'),
  EVERGRANT_PUBLIC_URL: httpUrl.optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'has to begin with postgres:// or postgresql://')
    .optional(),
  EVERGRANT_DATA_DIR: z.string().min(1).default('./data'),
  EVERGRANT_MASTER_KEY: masterKeys.optional(),
  EVERGRANT_BOOTSTRAP_API_KEY: z.string().min(16, 'has to have at least 16 characters').optional(),
  EVERGRANT_SANDBOX: z.enum(['on', 'off']).default('off'),
  EVERGRANT_SANDBOX_PORT: port.default(7071),
  EVERGRANT_METRICS_TOKEN: z.string().min(16, 'has to have at least 16 characters').optional(),
  EVERGRANT_ALLOW_PRIVATE_HOSTS: hosts.default([]),
  EVERGRANT_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).optional(),
});

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

/** Reads the environment; every mistake is named at once. Values are never repeated: some are secrets. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ConfigReading {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Environment.safeParse(set);
  const malformed = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${wordsOf(issue)}`);
  const problems = [...malformed, ...needs(set)];
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  const found = parsed.data;
  return {
    ok: true,
    config: {
      port: found.PORT,
      host: found.HOST,
      publicUrl: found.EVERGRANT_PUBLIC_URL?.replace(/\/+$/, '') ?? null,
      databaseUrl: found.DATABASE_URL ?? null,
      dataDir: found.EVERGRANT_DATA_DIR,
      masterKey: found.EVERGRANT_MASTER_KEY ?? null,
      bootstrapApiKey: found.EVERGRANT_BOOTSTRAP_API_KEY ?? null,
      sandbox: found.EVERGRANT_SANDBOX === 'on',
      sandboxPort: found.EVERGRANT_SANDBOX_PORT,
      metricsToken: found.EVERGRANT_METRICS_TOKEN ?? null,
      privateHosts: found.EVERGRANT_ALLOW_PRIVATE_HOSTS,
      logLevel: found.EVERGRANT_LOG_LEVEL ?? (found.EVERGRANT_SANDBOX === 'on' ? 'warn' : 'info'),
    },
  };
}

/** What one setting asks of another, also where a third is malformed. */
function needs(found: Readonly<Record<string, string | undefined>>): string[] {
  const problems: string[] = [];
  const [own, platforms] = [Number(found.PORT ?? 7070), Number(found.EVERGRANT_SANDBOX_PORT ?? 7071)];
  if (found.EVERGRANT_SANDBOX === 'on' && own === platforms && own !== 0)
    problems.push(
      'EVERGRANT_SANDBOX_PORT has to be another than PORT: the simulated platforms listen beside the service.',
    );
  const local = ['127.0.0.1', 'localhost', '::1'].includes(found.HOST ?? '127.0.0.1');
  if (!local && found.EVERGRANT_PUBLIC_URL === undefined) {
    problems.push(
      'EVERGRANT_PUBLIC_URL is needed when HOST is not this machine alone: platforms send people back to it.',
    );
  }
  if (found.EVERGRANT_SANDBOX !== 'on' && isPlainElsewhere(found.EVERGRANT_PUBLIC_URL)) {
    problems.push(
      'EVERGRANT_PUBLIC_URL has to begin with https:// unless it names this machine: codes and cookies travel there.',
    );
  }
  if (
    found.DATABASE_URL !== undefined &&
    found.EVERGRANT_MASTER_KEY === undefined &&
    found.EVERGRANT_SANDBOX !== 'on'
  ) {
    problems.push(
      'EVERGRANT_MASTER_KEY is needed with DATABASE_URL: several servers share the database, so each has to be given the key. Make one with: openssl rand -base64 32',
    );
  }
  return problems;
}

/** RFC 9700 2.6: nothing of an authorization goes over plain http, but to this machine itself. */
function isPlainElsewhere(address: string | undefined): boolean {
  const url = URL.parse(address ?? '');
  return url?.protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `has to be one of: ${issue.values.join(', ')}.`;
  return issue.message;
}
