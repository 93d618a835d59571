import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEvergrant, type Evergrant } from '../../sdk/src/index.ts';
import type { Option } from './command.ts';
import { UsageError } from './exitCodes.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

export const DEFAULT_URL = 'http://127.0.0.1:7070';

/** Options of every command that calls the service. */
export const SERVICE_OPTIONS = {
  url: { value: 'URL', help: `where Evergrant answers (EVERGRANT_URL; default ${DEFAULT_URL})` },
  'api-key-file': { value: 'FILE', help: 'a file with the API key (else EVERGRANT_API_KEY)' },
} as const satisfies Record<string, Option>;

export interface ServiceValues {
  readonly url?: string;
  readonly 'api-key-file'?: string;
}

/** The service that the options and the environment name. `onTime` hears the service's own time with each of its answers. */
export function connectTo(
  values: ServiceValues,
  env: Terminal['env'],
  onTime: (now: number) => void,
): Evergrant {
  const url = values.url ?? filled(env.EVERGRANT_URL) ?? DEFAULT_URL;
  const apiKey = readApiKey(values, env, url);
  try {
    return createEvergrant({
      url,
      apiKey,
      userAgent: `evergrant-cli/${version()}`,
      fetch: listening(onTime),
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}.`.replace(/\.\.$/, '.'));
  }
}

/** The time of the service, in each of its answers. */
const TIME_HEADER = 'evergrant-time';

function listening(onTime: (now: number) => void): typeof fetch {
  return async (address, init) => {
    const answer = await fetch(address, init);
    const time = Date.parse(answer.headers.get(TIME_HEADER) ?? '');
    if (!Number.isNaN(time)) onTime(time);
    return answer;
  };
}

/** Never from the command line itself: every user of the machine can read that. */
function readApiKey(values: ServiceValues, env: Terminal['env'], url: string): string | undefined {
  const file = values['api-key-file'];
  if (file !== undefined) return readKeyFile(file);
  return filled(env.EVERGRANT_API_KEY)?.trim() ?? sandboxKey(env, url);
}

function readKeyFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(
      `The file with the API key cannot be read: ${file} (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
  if (text === '') throw new UsageError(`The file with the API key is empty: ${file}.`);
  return text;
}

/** The key that a sandbox keeps beside its data. It goes to this machine only. */
function sandboxKey(env: Terminal['env'], url: string): string | undefined {
  const file = join(filled(env.EVERGRANT_DATA_DIR) ?? 'data', 'sandbox-api-key');
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(host) || !existsSync(file)) return undefined;
  return readKeyFile(file);
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
