import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import { EXIT, type ExitCode, exitCodeOf, UsageError } from './exitCodes.ts';
import { commandHelp, wholeHelp } from './help.ts';
import { Output } from './output.ts';
import { parseCommandLine } from './parse.ts';
import { reportError } from './reportError.ts';
import { connectTo, type ServiceValues } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Runs one command line; returns the code with which to end. Never throws. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const json = args.includes('--json');
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    reportError(error, terminal, json);
    return exitCodeOf(error);
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first = '', ...rest] = args;
  if (first === '--version') return say(terminal, version());
  if (first === '' || first === '--help' || first === '-h') return wholeHelpOr(terminal, first !== '');
  if (first === 'help')
    return rest.length === 0 ? wholeHelpOr(terminal, true) : dispatch([...rest, '--help'], terminal);
  const found = findCommand(args);
  if ('group' in found) return groupHelp(found.group, args, terminal);
  const { values, args: positionals } = parseCommandLine(found.command, found.rest);
  if (values.help) return say(terminal, commandHelp(found.command));
  const out = new Output(terminal, values.json === true);
  let told: number | undefined;
  const now = () => told ?? terminal.now();
  const evergrant = () =>
    connectTo(values as ServiceValues, terminal.env, (time) => {
      told = time;
    });
  return (await found.command.run({ values, args: positionals, out, terminal, evergrant, now })) ?? EXIT.ok;
}

type Found =
  | { readonly command: Command; readonly rest: readonly string[] }
  | { readonly group: readonly Command[] };

/** The command that a line begins with; of a group alone its `list`, where it has one. */
function findCommand(args: readonly string[]): Found {
  const [first = '', second = ''] = args;
  const named = (name: string) => COMMANDS.find((one) => one.name === name);
  const two = named(`${first} ${second}`);
  if (two) return { command: two, rest: args.slice(2) };
  const one = named(first);
  if (one) return { command: one, rest: args.slice(1) };
  const group = COMMANDS.filter((candidate) => candidate.name.startsWith(`${first} `));
  if (group.length === 0) throw new UsageError(`There is no command “${first}”.`);
  const list = named(`${first} list`);
  const onlyOptions = second === '' || second.startsWith('-');
  if (onlyOptions && list && !args.includes('--help') && !args.includes('-h'))
    return { command: list, rest: args.slice(1) };
  if (onlyOptions) return { group };
  throw new UsageError(
    `There is no command “${first} ${second}”. There is: ${group.map((candidate) => candidate.name).join(', ')}.`,
  );
}

/** The help of a word that several commands share. Asked for, it is a result; else a hint. */
function groupHelp(group: readonly Command[], args: readonly string[], terminal: Terminal): ExitCode {
  const text = group.map(commandHelp).join('\n\n\n');
  if (args.includes('--help') || args.includes('-h')) return say(terminal, text);
  terminal.stderr.write(`${text}\n`);
  return EXIT.usage;
}

function wholeHelpOr(terminal: Terminal, asked: boolean): ExitCode {
  if (asked) return say(terminal, wholeHelp(COMMANDS));
  terminal.stderr.write(`${wholeHelp(COMMANDS)}\n`);
  return EXIT.usage;
}

function say(terminal: Terminal, text: string): ExitCode {
  terminal.stdout.write(`${text}\n`);
  return EXIT.ok;
}
