import { EvergrantError } from '../../sdk/src/index.ts';
import { EXIT, exitCodeOf, UsageError } from './exitCodes.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface Reporting {
  /** One line of JSON instead of words. */
  readonly json: boolean;
  /** Of the command that failed, where the line begins with one. */
  readonly commandName: string | undefined;
}

/** Says on stderr what happened and what to do. */
export function reportError(error: unknown, terminal: Terminal, { json, commandName }: Reporting): void {
  const text = json ? JSON.stringify({ error: asDocument(error) }) : inWords(error, commandName);
  terminal.stderr.write(`${text}\n`);
}

function asDocument(error: unknown) {
  if (error instanceof EvergrantError) {
    const { code, status, detail, extensions } = error;
    return { ...extensions, code, status, detail: asHere(detail) };
  }
  return { code: error instanceof UsageError ? 'usage' : 'failure', status: null, detail: messageOf(error) };
}

function inWords(error: unknown, commandName: string | undefined): string {
  const lines = `evergrant: ${asHere(messageOf(error))}`.split('\n');
  if (error instanceof UsageError && commandName !== undefined)
    lines.push(`“evergrant ${commandName} --help” says more.`);
  if (error instanceof EvergrantError) lines.push(...membersAtFault(error), ...hintsFor(error));
  return lines.map(printableLine).join('\n');
}

/** What to do about it on the command line. */
function hintsFor(error: EvergrantError): string[] {
  const hints: string[] = [];
  if (error.code === 'network_error') hints.push(...START_IT);
  if (error.code === 'confirmation_required') hints.push('Give --yes to end them all.');
  if (error.reconnectUrl !== null) hints.push(`Reconnect here: ${error.reconnectUrl}`);
  if (error.status === 401) hints.push(...GIVE_A_KEY);
  else if (exitCodeOf(error) === EXIT.refused)
    hints.push('“evergrant api-keys list” tells what each key may. Set EVERGRANT_API_KEY to another one.');
  return hints;
}

const START_IT = [
  'Start it with “npm start” (from a checkout: a sandbox) or “evergrant serve”.',
  'Where it answers elsewhere, name that address: --url URL, or EVERGRANT_URL.',
];
const GIVE_A_KEY = [
  'Set EVERGRANT_API_KEY, or give --api-key-file FILE. The first key was printed when the service first started;',
  'a sandbox keeps its key in sandbox-api-key in its data folder.',
];

/** What the service says of its API, and the client of its settings, as it is called here. */
const CALLED_HERE: readonly (readonly [there: RegExp, here: string])[] = [
  [/GET \/v1\/clock\b/g, 'evergrant clock'],
  [/POST \/v1\/clock\/stop\b/g, 'evergrant clock stop'],
  [/POST \/v1\/api-keys\b/g, 'evergrant api-keys create'],
  [/GET \/v1\/platforms\//g, 'evergrant platforms '],
  [/\bapp_id\b/g, '--app'],
  [/\bclient_id\b/g, '--client'],
  [/\bconnection_id\b/g, '--connection'],
  [/\bexternal_id\b/g, '--external-id'],
  [/\breturn_url\b/g, '--return-url'],
  [/\bmin_ttl\b/g, '--min-ttl'],
  [/\bwithin_days\b/g, '--within'],
  [/^url (?=has|must)/g, '--url (or EVERGRANT_URL) '],
  [/\binto apiKey\b/g, 'into EVERGRANT_API_KEY'],
  [/^apiKey is not/g, 'What EVERGRANT_API_KEY or --api-key-file holds is not'],
  [/; give timeoutSeconds to wait longer\b/g, ''],
];

function asHere(text: string): string {
  return CALLED_HERE.reduce((done, [there, here]) => done.replaceAll(there, here), text);
}

/** What is wrong with each member of a request, where the service says so. */
function membersAtFault({ extensions, detail }: EvergrantError): string[] {
  const { errors } = extensions;
  if (typeof errors !== 'object' || errors === null) return [];
  return Object.entries(errors)
    .map(([name, words]) => `${name}: ${words}`)
    .filter((line) => !detail.includes(line))
    .map((line) => `  ${asHere(line)}`);
}

/** Without what could steer a terminal; the indent stays. */
function printableLine(line: string): string {
  return `${/^ */.exec(line)?.[0]}${printable(line)}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
