import { readdirSync, readFileSync } from 'node:fs';
import type { SimAnswer, SimRequest } from '../platforms/kit/simulator.ts';

/** An answer of a platform as its documents, or a recording of its traffic, show it. */
export interface DocumentedAnswer {
  /** The name as lower-case words with hyphens: what it is asked for by. */
  readonly id: string;
  readonly platform: string;
  readonly name: string;
  readonly source: string;
  /** `sure`, `likely` or `unverified`. */
  readonly confidence: string;
  readonly endpoint: 'token' | 'api' | 'probe' | 'authorize' | 'revoke';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A text goes out as it is, anything else as JSON. */
  readonly body: unknown;
}

const PLATFORMS = new URL('../platforms/', import.meta.url);

/**
 * A platform's documented answers, from `src/platforms/<platform>/fixtures/`. The same files say what the product is
 * expected to read in them; that part is left out here, so that a simulator never knows what is believed about it.
 */
export function readDocumentedAnswers(platform: string): readonly DocumentedAnswer[] {
  const folder = new URL(`${platform}/fixtures/`, PLATFORMS);
  const files = listed(folder).filter((name) => name.endsWith('.json'));
  return files.flatMap((name) => {
    const rows = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Omit<DocumentedAnswer, 'id'>[];
    return rows.map((row) => ({
      id: idOf(row.name),
      platform,
      name: row.name,
      source: row.source,
      confidence: row.confidence,
      endpoint: row.endpoint,
      status: row.status,
      headers: row.headers ?? {},
      body: row.body,
    }));
  });
}

/** A platform of a test has no folder, and no catalogue. */
function listed(folder: URL): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

const idOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** The answers that can be asked for at one served simulator, by `id` and by `platform.id`. */
export class AnswerBook {
  readonly #platforms: readonly string[];
  readonly #read: (platform: string) => readonly DocumentedAnswer[];
  #byId: ReadonlyMap<string, DocumentedAnswer> | undefined;

  constructor(platforms: readonly string[], read: (platform: string) => readonly DocumentedAnswer[]) {
    this.#platforms = platforms;
    this.#read = read;
  }

  /** In a family, the plain id is the first platform's that has it. */
  find(id: string): DocumentedAnswer | undefined {
    this.#byId ??= new Map(
      [...this.#platforms]
        .reverse()
        .flatMap((platform) =>
          this.#read(platform).flatMap((answer) => [
            [answer.id, answer] as const,
            [`${platform}.${answer.id}`, answer] as const,
          ]),
        ),
    );
    return this.#byId.get(id);
  }

  /** The answer that a request asks for by itself. An id that nobody knows is told at once. */
  askedBy(request: SimRequest): DocumentedAnswer | undefined {
    const id = askedAnswer(request);
    return id === undefined ? undefined : (this.find(id) ?? unknownAnswer(id));
  }

  of(platform: string): readonly DocumentedAnswer[] {
    return this.#read(platform);
  }
}

/** The answer as it goes over the wire. */
export function writeAnswer(answer: DocumentedAnswer, request: SimRequest): SimAnswer {
  const { status } = answer;
  if (answer.endpoint === 'authorize' && status === 302) return sentBack(answer, request);
  const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  return { status, headers: { ...contentType(answer.body), ...answer.headers }, body };
}

function contentType(body: unknown): Record<string, string> {
  if (body === '') return {};
  if (typeof body !== 'string' || body.startsWith('"')) return { 'content-type': 'application/json' };
  return { 'content-type': body.startsWith('<') ? 'text/html' : 'text/plain' };
}

/** What a platform says at its consent page, it says in the address to which it sends the person back. */
function sentBack({ body, headers }: DocumentedAnswer, { query }: SimRequest): SimAnswer {
  const back = new URL(query.get('redirect_uri') ?? 'https://app.example/callback');
  for (const [name, value] of Object.entries(body as object)) back.searchParams.set(name, String(value));
  const state = query.get('state');
  if (state !== null) back.searchParams.set('state', state);
  return { status: 302, headers: { ...headers, location: back.href }, body: '' };
}

function unknownAnswer(id: string): DocumentedAnswer {
  const message = `There is no documented answer ${id}. GET /_control/{platform}/answers lists what there is.`;
  return {
    id,
    platform: '',
    name: 'unknown answer',
    source: 'this sandbox',
    confidence: 'sure',
    endpoint: 'api',
    status: 404,
    headers: {},
    body: { error: 'unknown_answer', message },
  };
}

const SENTINEL = 'simulate.';
const ASKED = /\bsimulate\.([a-z0-9-]+(?:\.[a-z0-9-]+)?)/;

/**
 * The id of the answer that a request asks for by itself: in the header `x-simulated-answer`, or as `simulate.{id}`
 * within its address, its `authorization` header or its body, such as `refresh_token=simulate.{id}`.
 */
function askedAnswer({ path, query, headers, body }: SimRequest): string | undefined {
  const header = headers['x-simulated-answer'];
  if (header !== undefined) return header;
  for (const text of [headers.authorization ?? '', body, path, query.size > 0 ? query.toString() : '']) {
    if (text.includes(SENTINEL)) {
      const id = ASKED.exec(text)?.[1];
      if (id !== undefined) return id;
    }
  }
  return undefined;
}
