import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import { UsageError } from './exitCodes.ts';
import { summariesOf } from './help.ts';

export interface Found {
  /** Undefined: only the word was given that several commands begin with. */
  readonly command: Command | undefined;
  /** The commands that begin with the same word, in the order of the help. */
  readonly group: readonly Command[];
  /** What stands behind the command's name. */
  readonly rest: readonly string[];
}

/** The command that a line begins with; of a group alone its `list`, where it has one. Throws {@link UsageError}. */
export function findCommand(args: readonly string[]): Found {
  const [first = '', second = ''] = args;
  const group = COMMANDS.filter(({ name }) => name === first || name.startsWith(`${first} `));
  if (group.length === 0) throw unknown(first);
  const two = named(`${first} ${second}`);
  if (two) return { command: two, group, rest: args.slice(2) };
  const one = named(first);
  const rest = args.slice(1);
  if (one && group.length === 1) return { command: one, group, rest };
  if (second !== '' && !second.startsWith('-')) throw unknownIn(group, `${first} ${second}`);
  const asksForHelp = args.includes('--help') || args.includes('-h');
  return { command: one ?? (asksForHelp ? undefined : named(`${first} list`)), group, rest };
}

const named = (name: string): Command | undefined => COMMANDS.find((command) => command.name === name);

function unknown(given: string): UsageError {
  return new UsageError(
    given.startsWith('-')
      ? `The command comes first, and its options behind it: evergrant COMMAND ${given}. “evergrant --help” lists the commands.`
      : `There is no command “${given}”. “evergrant --help” lists the commands.`,
  );
}

function unknownIn(group: readonly Command[], given: string): UsageError {
  return new UsageError(`There is no command “${given}”. There is:\n${summariesOf(group)}`);
}
