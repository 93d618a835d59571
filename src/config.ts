import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const httpUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'has to be an http(s) address such as https://grants.example.com');

const Environment = z.object({
  PORT: port.default(7070),
  HOST: z.string().min(1).default('127.0.0.1'),
  EVERGRANT_PUBLIC_URL: httpUrl.optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'has to begin with postgres:// or postgresql://')
    .optional(),
  EVERGRANT_DATA_DIR: z.string().min(1).default('./data'),
  EVERGRANT_MASTER_KEY: z.string().min(1).optional(),
  EVERGRANT_BOOTSTRAP_API_KEY: z.string().min(16, 'has to have at least 16 characters').optional(),
  EVERGRANT_SANDBOX: z.enum(['on', 'off']).default('off'),
  EVERGRANT_SANDBOX_PORT: port.default(7071),
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
  readonly logLevel: string;
}

export type ConfigReading = { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the environment; every mistake is named at once. Values are never repeated: some are secrets. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ConfigReading {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = Environment.safeParse(set);
  const malformed = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${wordsOf(issue)}`);
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
      logLevel: found.EVERGRANT_LOG_LEVEL ?? (found.EVERGRANT_SANDBOX === 'on' ? 'warn' : 'info'),
    },
  };
}

/** What one setting asks of another, also where a third is malformed. */
function needs(found: Readonly<Record<string, string | undefined>>): string[] {
  const problems: string[] = [];
  const local = ['127.0.0.1', 'localhost', '::1'].includes(found.HOST ?? '127.0.0.1');
  if (!local && found.EVERGRANT_PUBLIC_URL === undefined) {
    problems.push('EVERGRANT_PUBLIC_URL is needed when HOST is not this machine alone: platforms send people back to it.');
  }
  if (found.DATABASE_URL !== undefined && found.EVERGRANT_MASTER_KEY === undefined && found.EVERGRANT_SANDBOX !== 'on') {
    problems.push(
      'EVERGRANT_MASTER_KEY is needed with DATABASE_URL: several servers share the database, so each has to be given the key. Make one with: openssl rand -base64 32',
    );
  }
  return problems;
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `has to be one of: ${issue.values.join(', ')}.`;
  if (issue.code === 'invalid_type') return 'is not a valid value.';
  return issue.message;
}
