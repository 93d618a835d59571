import { parseArgs } from 'node:util';
import type { Command, Option } from './command.ts';
import { UsageError } from './exitCodes.ts';
import { SERVICE_OPTIONS } from './settings.ts';

/** Options of every command. */
export const COMMON_OPTIONS = {
  json: { help: 'the result as JSON' },
  help: { help: 'this text' },
} as const satisfies Record<string, Option>;

export interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly args: readonly string[];
}

/** The options that a command knows, its own first. */
export function optionsOf(command: Command): Readonly<Record<string, Option>> {
  return { ...command.options, ...(command.inProcess ? {} : SERVICE_OPTIONS), ...COMMON_OPTIONS };
}

/** Reads what stands behind the command's name. Throws {@link UsageError}. */
export function parseCommandLine(command: Command, args: readonly string[]): Parsed {
  refuseKey(args);
  const options = Object.entries(optionsOf(command)).map(([name, option]) => {
    const type = option.value === undefined ? ('boolean' as const) : ('string' as const);
    return [name, { type, multiple: option.many ?? false, ...(name === 'help' && { short: 'h' }) }] as const;
  });
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: Object.fromEntries(options),
      allowPositionals: true,
    });
    const parsed = { values: values as Parsed['values'], args: positionals };
    if (!parsed.values.help) checkArguments(command, positionals);
    return parsed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // The first sentence says what is wrong; the rest is about how to escape it.
    throw new UsageError(`${(error as Error).message.split(/[.\n]/)[0]}.`);
  }
}

function checkArguments({ args = [] }: Command, given: readonly string[]): void {
  const missing = args.filter((arg) => !arg.optional)[given.length];
  if (missing) throw new UsageError(`${missing.name} is missing: ${missing.help}.`);
  if (given.length > args.length) throw new UsageError('There are more arguments than this command takes.');
}

function refuseKey(args: readonly string[]): void {
  if (!args.some((arg) => /^--api-key(=|$)/.test(arg))) return;
  throw new UsageError(
    'An API key is not given as an argument: every user of this machine could read it. Set EVERGRANT_API_KEY, or give --api-key-file FILE.',
  );
}

/** A whole number out of an option. Throws {@link UsageError}. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  [least, most]: readonly [number, number],
): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`--${name} has to be a whole number from ${least} to ${most}.`);
}
