import { EvergrantError } from '../../sdk/src/index.ts';
import { EXIT, exitCodeOf, UsageError } from './exitCodes.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Says on stderr what happened and what to do: in words, or as one line of JSON. */
export function reportError(error: unknown, terminal: Terminal, json: boolean): void {
  terminal.stderr.write(json ? `${JSON.stringify({ error: asDocument(error) })}\n` : `${inWords(error)}\n`);
}

function asDocument(error: unknown) {
  if (error instanceof EvergrantError) {
    const { code, status, detail, extensions } = error;
    return { ...extensions, code, status, detail };
  }
  return { code: error instanceof UsageError ? 'usage' : 'failure', status: null, detail: messageOf(error) };
}

function inWords(error: unknown): string {
  const lines = [`evergrant: ${printable(asCommands(messageOf(error)))}`];
  if (error instanceof UsageError) lines.push('evergrant COMMAND --help says how a command is used.');
  if (!(error instanceof EvergrantError)) return lines.join('\n');
  lines.push(...membersAtFault(error));
  if (error.code === 'confirmation_required') lines.push('Give --yes to end them all.');
  if (error.reconnectUrl !== null) lines.push(`Reconnect here: ${error.reconnectUrl}`);
  if (exitCodeOf(error) === EXIT.refused) {
    lines.push(
      'Set EVERGRANT_API_KEY, or give --api-key-file FILE. The first key was printed when the service first started.',
    );
  }
  return lines.join('\n');
}

/** What the service says of its API, as it is done here. */
const COMMANDS_FOR: Readonly<Record<string, string>> = {
  'GET /v1/clock': 'evergrant clock',
  'POST /v1/clock/stop': 'evergrant clock stop',
};

function asCommands(text: string): string {
  return Object.entries(COMMANDS_FOR).reduce((done, [api, here]) => done.replaceAll(api, here), text);
}

/** What is wrong with each member of a request, where the service says so. */
function membersAtFault({ extensions, detail }: EvergrantError): string[] {
  const { errors } = extensions;
  if (typeof errors !== 'object' || errors === null) return [];
  return Object.entries(errors)
    .map(([name, words]) => `  ${name}: ${printable(String(words))}`)
    .filter((line) => !detail.includes(line.trim()));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
