import { explainAnswer } from '../app/reportFailure.ts';
import type { Endpoint, ReceivedAnswer } from '../core/answer.ts';
import { PLATFORMS } from '../platforms/index.ts';
import { createRegistry } from '../platforms/registry.ts';

const ENDPOINTS: readonly string[] = ['authorize', 'token', 'api', 'probe', 'revoke'] satisfies Endpoint[];
const NOTHING_DECLARED = { getDeclaration: async () => null, listDeclarations: async () => [] };

/** Why a line cannot be read. */
class LineError extends Error {}

/** Reads a line with a platform's answer and says what it means, or why it cannot be read. */
export function answerReader(now: () => number) {
  const registry = createRegistry(NOTHING_DECLARED);
  return async (line: string, number: number) => {
    try {
      const given = membersOf(line);
      const platform = await registry.find('', textOf(given, 'platform'));
      if (!platform)
        throw new LineError(`There is no platform “${given.platform}”. There is: ${knownIds()}.`);
      return explainAnswer(platform, answerOf(given), now());
    } catch (error) {
      const words =
        error instanceof LineError ? error.message : `It could not be diagnosed: ${(error as Error).message}`;
      return { error: words, line: number };
    }
  };
}

const knownIds = (): string => PLATFORMS.map(({ profile }) => profile.id).join(', ');

type Members = Readonly<Record<string, unknown>>;

function membersOf(line: string): Members {
  if (line.trim() === '') throw new LineError('The line is empty.');
  let value: unknown;
  try {
    value = JSON.parse(line.replace(/^\uFEFF/, ''));
  } catch {
    throw new LineError('The line is not valid JSON.');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw new LineError('The line is not a JSON object.');
}

function answerOf(given: Members): ReceivedAnswer {
  const endpoint = given.endpoint ?? 'api';
  if (!ENDPOINTS.includes(endpoint as string))
    throw new LineError(`endpoint has to be one of: ${ENDPOINTS.join(', ')}.`);
  return {
    kind: 'answer',
    endpoint: endpoint as Endpoint,
    status: statusOf(given.status),
    headers: headersOf(given.headers ?? {}),
    body: bodyOf(given.body),
  };
}

function bodyOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function textOf(given: Members, name: string): string {
  const value = given[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new LineError(`${name} is missing.`);
}

function statusOf(value: unknown): number {
  if (Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 599) return value as number;
  throw new LineError('status has to be a number from 100 to 599.');
}

function headersOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null)
    throw new LineError('headers has to be an object of texts.');
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => {
      const single = Array.isArray(text) ? text.join(', ') : text;
      if (typeof single !== 'string' && typeof single !== 'number')
        throw new LineError(`headers.${name} has to be a text.`);
      return [name.toLowerCase(), String(single)];
    }),
  );
}
