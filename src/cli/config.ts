import { type Config, readConfig } from '../config.ts';
import { CommandError, EXIT } from './exitCodes.ts';
import type { Terminal } from './terminal.ts';

/** The service's own settings, for commands that do its work in this process. */
export function serviceConfig(env: Terminal['env']): Config {
  const reading = readConfig(env);
  if (reading.ok) return reading.config;
  throw new CommandError(
    EXIT.usage,
    `Correct the environment:\n${reading.problems.map((problem) => `  - ${problem}`).join('\n')}`,
  );
}
