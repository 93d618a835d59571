import { EvergrantError } from '../../sdk/src/index.ts';

/** What scripts can decide on. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  personNeeded: 3,
  notFound: 4,
  refused: 5,
  unavailable: 6,
  /** As shells count it: 128 and the number of the signal. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** For the help and the documents. */
export const EXIT_WORDS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  failure: 'it failed',
  usage: 'the command, or a setting, was not understood',
  personNeeded: 'a person is needed: somebody has to authorize again',
  notFound: 'there is no such thing',
  refused: 'the API key is missing, wrong, or not allowed to do this',
  unavailable: 'not possible at the moment (network, or a service that is down): try again later',
  interrupted: 'broken off by Ctrl-C (serve and sandbox end with 0 then)',
};

/** The command line was wrong. Its message is a sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A failure found by the command itself, with the code to end with. Its message is a sentence. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

const BY_CODE: Readonly<Record<string, ExitCode>> = {
  reauthorization_required: EXIT.personNeeded,
  invalid_request: EXIT.usage,
  invalid_fields: EXIT.usage,
  unknown_platform: EXIT.usage,
  unknown_method: EXIT.usage,
  clock_moving: EXIT.unavailable,
};

const BY_STATUS: Readonly<Record<number, ExitCode>> = {
  401: EXIT.refused,
  403: EXIT.refused,
  404: EXIT.notFound,
};

/** The code with which a command ends that threw this. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof CommandError) return error.exitCode;
  if (!(error instanceof EvergrantError)) {
    return error instanceof Error && error.name === 'StoreUnavailableError' ? EXIT.unavailable : EXIT.failure;
  }
  if (error.temporary) return EXIT.unavailable;
  // What is not Evergrant at that address may well answer 404.
  if (error.code === 'unexpected_answer') return EXIT.failure;
  return BY_CODE[error.code] ?? BY_STATUS[error.status ?? 0] ?? EXIT.failure;
}
