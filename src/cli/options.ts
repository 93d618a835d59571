import type { Command, Option } from './command.ts';
import { SERVICE_OPTIONS } from './settings.ts';

/** Options of every command. */
export const COMMON_OPTIONS = {
  json: { help: 'the result as JSON, a failure too' },
  help: { help: 'this text' },
} as const satisfies Record<string, Option>;

/** The options that a command knows, its own first. */
export function optionsOf(command: Command): Readonly<Record<string, Option>> {
  return { ...command.options, ...(command.inProcess ? {} : SERVICE_OPTIONS), ...COMMON_OPTIONS };
}
