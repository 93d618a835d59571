import { parseArgs } from 'node:util';
import type { Command, Option } from './command.ts';
import { UsageError } from './exitCodes.ts';
import { usageOf } from './help.ts';
import { optionsOf } from './options.ts';

export interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly args: readonly string[];
}

type Token = ReturnType<typeof tokensOf>['tokens'][number];
type OptionToken = Extract<Token, { kind: 'option' }>;

/** Reads what stands behind the command's name. Throws {@link UsageError}. */
export function parseCommandLine(command: Command, args: readonly string[]): Parsed {
  refuseKey(args);
  const { values, positionals, tokens } = tokensOf(command, args);
  const known = optionsOf(command);
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (option === undefined) throw unknownOption(command, args[token.index] ?? token.rawName);
    checkValue(token, option);
    if (option.value !== undefined && !option.many && given.has(token.name))
      throw new UsageError(`--${token.name} can be given once only.`);
    given.add(token.name);
  }
  const parsed = { values: values as Parsed['values'], args: positionals };
  if (!parsed.values.help) checkArguments(command, positionals);
  return parsed;
}

/** Not strict: what is wrong is told in words of our own. */
function tokensOf(command: Command, args: readonly string[]) {
  const options = Object.entries(optionsOf(command)).map(([name, option]) => {
    const type = option.value === undefined ? ('boolean' as const) : ('string' as const);
    return [name, { type, multiple: option.many ?? false, ...(name === 'help' && { short: 'h' }) }] as const;
  });
  return parseArgs({
    args: [...args],
    options: Object.fromEntries(options),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
}

function unknownOption(command: Command, given: string): UsageError {
  const [name] = given.split('=');
  const names = Object.keys(optionsOf(command)).map((option) => `--${option}`);
  return new UsageError(`“evergrant ${command.name}” has no option ${name}. It has: ${names.join(', ')}.`);
}

/** A value that begins with a dash is one only where it cannot be meant as an option: `-1d`, or after `=`. */
function checkValue({ name, value, inlineValue }: OptionToken, option: Option): void {
  if (option.value === undefined) {
    if (inlineValue) throw new UsageError(`--${name} takes no value: give it alone, or leave it out.`);
    return;
  }
  const needs = `--${name} needs a value: --${name} ${option.value}, ${option.help}.`;
  if (value === undefined || value === '') throw new UsageError(needs);
  if (inlineValue || !/^-\D/.test(value)) return;
  throw new UsageError(
    `${needs} “${value}” begins with a dash; where that is the value, write --${name}=${value}.`,
  );
}

function checkArguments(command: Command, given: readonly string[]): void {
  const { args = [] } = command;
  const missing = args.filter((arg) => !arg.optional)[given.length];
  if (missing)
    throw new UsageError(`${missing.name} is missing: ${missing.help}. Usage: ${usageOf(command)}`);
  if (given.length > args.length)
    throw new UsageError(
      `“${given[args.length]}” is more than this command takes. Usage: ${usageOf(command)}`,
    );
}

function refuseKey(args: readonly string[]): void {
  if (!args.some((arg) => /^--api-key(=|$)/.test(arg))) return;
  throw new UsageError(
    'An API key is not given as an argument: every user of this machine could read it. Set EVERGRANT_API_KEY, or give --api-key-file FILE.',
  );
}

/** A whole number out of an option; undefined: it was not given. Throws {@link UsageError}. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  [least, most]: readonly [number, number],
): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`--${name} has to be a whole number from ${least} to ${most}, not “${text}”.`);
}

/** One of the words that an option takes. Throws {@link UsageError}, which lists them. */
export function oneOf<Word extends string>(name: string, text: string, known: readonly Word[]): Word {
  const word = known.find((candidate) => candidate === text);
  if (word !== undefined) return word;
  throw new UsageError(`--${name} does not know “${text}”. It knows: ${known.join(', ')}.`);
}
