import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exitCodes.ts';
import { findCommand } from './findCommand.ts';
import { commandHelp, summariesOf, wholeHelp } from './help.ts';
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
    reportError(error, terminal, { json, commandName: commandNameIn(args) });
    return exitCodeOf(error);
  }
}

/** Undefined: the line begins with none. */
function commandNameIn(args: readonly string[]): string | undefined {
  try {
    return findCommand(args).command?.name;
  } catch {
    return undefined;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first = '', ...rest] = args;
  if (first === '--version') return say(terminal, version());
  if (first === '' || first === '--help' || first === '-h') return wholeHelpOr(terminal, first !== '');
  if (first === 'help')
    return rest.length === 0 ? wholeHelpOr(terminal, true) : dispatch([...rest, '--help'], terminal);
  const { command, group, rest: given } = findCommand(args);
  if (command === undefined) return groupHelp(group, args, terminal);
  const { values, args: positionals } = parseCommandLine(command, given);
  if (values.help) return say(terminal, `${commandHelp(command)}${siblingsOf(command, group)}`);
  const out = new Output(terminal, values.json === true);
  let told: number | undefined;
  const now = () => told ?? terminal.now();
  const evergrant = () =>
    connectTo(values as ServiceValues, terminal.env, (time) => {
      told = time;
    });
  return (await command.run({ values, args: positionals, out, terminal, evergrant, now })) ?? EXIT.ok;
}

/** Of a command whose name begins others too: those. */
function siblingsOf({ name }: Command, group: readonly Command[]): string {
  const others = group.filter((other) => other.name.startsWith(`${name} `));
  return others.length === 0 ? '' : `\n\nCommands beside it:\n${summariesOf(others)}`;
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
