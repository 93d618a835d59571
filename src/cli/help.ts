import type { Argument, Command, Option } from './command.ts';
import { EXIT, EXIT_WORDS } from './exitCodes.ts';
import { optionsOf } from './options.ts';
import { DEFAULT_URL } from './settings.ts';

/** What stands behind `evergrant` to call the command. */
export function usageOf({ name, args = [] }: Command): string {
  const shown = args.map((arg: Argument) => (arg.optional ? `[${arg.name}]` : arg.name));
  return ['evergrant', name, ...shown, '[options]'].join(' ');
}

export function commandHelp(command: Command): string {
  const args = (command.args ?? []).map((arg: Argument) => [arg.name, arg.help] as const);
  const options = Object.entries(optionsOf(command)).map(
    ([name, option]) =>
      [
        optionText(name, option),
        option.many ? `${option.help}; may be given several times` : option.help,
      ] as const,
  );
  const parts = [
    `${command.summary}.`.replace(/^./, (first) => first.toUpperCase()),
    `Usage: ${usageOf(command)}`,
    command.about,
    args.length > 0 && `Arguments:\n${aligned(args)}`,
    `Options:\n${aligned(options)}`,
    `Example:\n${command.examples.map((example) => `  ${exampleText(example)}`).join('\n')}`,
  ];
  return parts.filter(Boolean).join('\n\n');
}

/** An example begins with the command's name, unless something is piped into it. */
export function exampleText(example: string): string {
  return /\|/.test(example) && example.includes('evergrant') ? example : `evergrant ${example}`;
}

function optionText(name: string, option: Option): string {
  const text = option.value === undefined ? `--${name}` : `--${name} ${option.value}`;
  return name === 'help' ? `${text}, -h` : text;
}

/** Commands with what they do, one a line. */
export function summariesOf(commands: readonly Command[]): string {
  return aligned(commands.map(({ name, summary }) => [name, summary]));
}

export function wholeHelp(commands: readonly Command[]): string {
  const rows = (inProcess: boolean) =>
    summariesOf(commands.filter((one) => Boolean(one.inProcess) === inProcess));
  return `Evergrant keeps the authorizations to advertising platforms alive.

Usage: evergrant COMMAND [options]

Commands that ask the service:
${rows(false)}

Commands that work in this process:
${rows(true)}

Every command explains itself with --help, and answers in JSON with --json. “evergrant --version” says which version this is.
From a checkout, “evergrant” is: npm run -s evergrant --

Commands that ask the service need its address and an API key: EVERGRANT_URL (or --url; default ${DEFAULT_URL}),
EVERGRANT_API_KEY (or --api-key-file FILE). A sandbox on this machine that was started in this folder needs neither: its key
is found in data/sandbox-api-key (EVERGRANT_DATA_DIR where that is set). Commands that work in this process are set up like
the service itself, by the environment; the README lists it.

Exit codes:
${aligned(exitCodeRows().map(([code, words]) => [String(code), words]))}

Example:
  evergrant connections list --state broken`;
}

export function exitCodeRows(): readonly (readonly [number, string])[] {
  return Object.entries(EXIT).map(([name, code]) => [code, EXIT_WORDS[name as keyof typeof EXIT]]);
}

function aligned(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, words]) => `  ${name.padEnd(width)}${words}`).join('\n');
}
