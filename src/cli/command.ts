import type { Evergrant } from '../../sdk/src/index.ts';
import type { ExitCode } from './exitCodes.ts';
import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';

export interface Option {
  /** What it takes, as shown in the help: `ID`. Absent: a switch. */
  readonly value?: string;
  /** May be given several times. */
  readonly many?: boolean;
  readonly help: string;
}

export interface Argument {
  /** As shown in the help: `CONNECTION`. */
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
}

type Options = Readonly<Record<string, Option>>;

type Value<O extends Option> = O extends { many: true }
  ? readonly string[] | undefined
  : O extends { value: string }
    ? string | undefined
    : boolean;

export type Values<O extends Options> = { readonly [Name in keyof O]: Value<O[Name]> };

/** What a command is given to work with. */
export interface Call<O extends Options> {
  readonly values: Values<O>;
  /** By position; those that are optional may be missing. */
  readonly args: readonly string[];
  readonly out: Output;
  readonly terminal: Terminal;
  /** The service, as the settings say. */
  readonly evergrant: () => Evergrant;
  /** The time at the service as of its last answer: a sandbox may be far from this machine's. Before any: this machine's. */
  readonly now: () => number;
}

export interface CommandSpec<O extends Options> {
  /** One word, or two: `connections list`. */
  readonly name: string;
  /** What it does, for the list of commands. */
  readonly summary: string;
  /** What else one should know. */
  readonly about?: string;
  readonly args?: readonly Argument[];
  readonly options?: O;
  /** Command lines that work, without the leading `evergrant`. */
  readonly examples: readonly [string, ...string[]];
  /** Works in this process, on the service's own settings; the others call the service. */
  readonly inProcess?: boolean;
  readonly run: (call: Call<O>) => Promise<ExitCode> | Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where commands of all shapes come together.
export type Command = CommandSpec<any>;

/** Declares a command. */
export function command<const O extends Options = Record<never, Option>>(spec: CommandSpec<O>): Command {
  return spec;
}
