import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';

/** Where a sandbox keeps its key. It guards nothing real, so a second start can print the key again, and commands find it. */
export const sandboxKeyPath = (config: Config): string => join(config.dataDir, 'sandbox-api-key');

/** The key that a start is given: by the environment, else by the file of the sandbox; null: none. */
export function givenKey(config: Config): string | null {
  return config.bootstrapApiKey ?? (config.sandbox ? keptKey(config) : null);
}

/** What a start has found out about keys. */
interface Keys {
  /** Made just now; null: none was needed. */
  readonly freshKey: string | null;
  readonly givenKeyIsRevoked: boolean;
  readonly works: (key: string) => Promise<boolean>;
}

/**
 * Leaves a key in the sandbox's file that works, or no file. One that is dead, because it was revoked or belongs to a database
 * that is no more, gives way to the key from the environment.
 */
export async function keepSandboxKey(config: Config, keys: Keys): Promise<void> {
  if (!config.sandbox) return;
  if (keys.freshKey !== null) return write(config, keys.freshKey);
  const path = sandboxKeyPath(config);
  if (!existsSync(path)) return;
  const kept = keptKey(config);
  if (kept !== null && (await keys.works(kept))) return;
  const { bootstrapApiKey } = config;
  if (bootstrapApiKey !== null && !keys.givenKeyIsRevoked) write(config, bootstrapApiKey);
  else rmSync(path);
}

function keptKey(config: Config): string | null {
  const path = sandboxKeyPath(config);
  return (existsSync(path) && readFileSync(path, 'utf8').trim()) || null;
}

function write(config: Config, key: string): void {
  const path = sandboxKeyPath(config);
  writeFileSync(path, `${key}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
}
