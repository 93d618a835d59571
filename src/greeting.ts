import type { Config } from './config.ts';
import type { Running } from './main.ts';

const ANOTHER = 'EVERGRANT_BOOTSTRAP_API_KEY="evg_$(openssl rand -hex 24)"';
const KEY_OF_BEFORE = `made at an earlier start, which printed it. Whoever has lost it sets another: ${ANOTHER}`;

/** What a service says once it is up. `keyPath`: where a sandbox keeps its key. */
export function greeting(running: Omit<Running, 'close'>, config: Config, keyPath: string): string {
  const rows: [string, string][] = [
    ['Evergrant', running.url],
    ['API documents', `${running.url}/docs`],
  ];
  const key = keyRow(running, config, keyPath);
  if (key !== null) rows.push(['API key', key]);
  if (running.sandboxUrl) rows.push(['Simulated platforms', running.sandboxUrl]);
  rows.push(['Data', config.databaseUrl === null ? config.dataDir : 'PostgreSQL']);
  return `\n${rows.map(([label, value]) => `  ${`${label}:`.padEnd(21)} ${value}`).join('\n')}\n\nReady.`;
}

/** Null: a key was given outside a sandbox, works, and is not repeated. */
function keyRow(
  { apiKey, apiKeyIsRevoked }: Omit<Running, 'close'>,
  { bootstrapApiKey, sandbox }: Config,
  keyPath: string,
): string | null {
  if (apiKey === null) return KEY_OF_BEFORE;
  if (apiKeyIsRevoked) {
    const said =
      bootstrapApiKey === null
        ? `the one in ${keyPath} was revoked and works no more, so the file is gone.`
        : 'the one in EVERGRANT_BOOTSTRAP_API_KEY was revoked and works no more.';
    return `${said} Use another, or start with a new one: ${ANOTHER}`;
  }
  return sandbox || bootstrapApiKey === null ? apiKey : null;
}
