import type { Cause } from '../../core/cause.ts';
import type { Instant } from '../../core/instant.ts';
import type { SimDeed, SimMessage, SimSignal } from './simDeeds.ts';

/** A request as a simulated platform sees it. Header names in lower case; `path` begins with a slash. */
export interface SimRequest {
  readonly method: string;
  /** The real platform's host, such as `graph.facebook.com`. */
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SimAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body is a file: each of its characters stands for a byte. Absent: text, sent as UTF-8. */
  readonly isFile?: true;
  /** What the platform pushes because of this call, and where to. Sent where it is served over HTTP. */
  readonly pushes?: readonly { readonly to: string; readonly message: SimMessage }[];
  /** An OpenID discovery document: a sandbox puts its own addresses in the place of the platform's. */
  readonly isDiscovery?: true;
}

/** What a simulated platform may take from outside: time and chance. */
export interface SimWorld {
  readonly now: () => Instant;
  /** Seeded, in [0, 1). */
  readonly random: () => number;
  /** A fresh opaque text of `length` letters and digits, seeded. */
  readonly token: (length: number) => string;
  /** Leaves out what costs much and is seldom looked at: an ID token signed anew at each renewal. Default false. */
  readonly frugal?: boolean;
  /** A value that no seed can bring back (a key pair), made once and kept where the world is kept. Absent: not kept. */
  readonly keep?: (name: string, make: () => string) => string;
}

/** Which grant a switch is meant for. Absent fields mean all. */
export interface BreakTarget {
  readonly identity?: string;
  readonly clientId?: string;
  /** One access token alone, where two grants of one person must be told apart. */
  readonly accessToken?: string;
}

/** A switch that does to a grant what happens in reality. */
export interface SimBreak {
  /** snake_case name of the switch. */
  readonly how: string;
  readonly title: string;
  /** What is truly wrong afterwards. A diagnosis is right if it says this, or names it as not ruled out. */
  readonly truth: Cause;
  /** Whose act it is, where its truth would be read as somebody else's. */
  readonly by?: SimDeed['by'];
  /** Where it first shows: when renewing, when probing, or only in calls for one account. */
  readonly shows: 'renew' | 'probe' | 'api';
  /** The auth methods to which it can happen; absent: all. */
  readonly methods?: readonly string[];
  readonly apply: (target: BreakTarget) => void;
  /** Undoes it where the operator or a person can undo it at the platform (secret put back, account re-enabled). */
  readonly mend?: (target: BreakTarget) => void;
}

/** A switch that was flipped. */
export interface SimFlip {
  readonly how: string;
  readonly target: BreakTarget;
  readonly at: Instant;
}

/** A person (or system user, service account, API user) at a simulated platform. */
export interface SimPerson {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** Other ids under which a grant of theirs is known, where the platform does not tell whose it is. Default: none. */
  readonly knownAs?: readonly string[];
}

/** One simulated platform, or a family that shares its sign-in. Built on the documents, not on the adapter. */
export interface Simulator {
  /** Platform ids that it serves. */
  readonly platforms: readonly string[];
  readonly hosts: readonly string[];
  readonly people: readonly SimPerson[];
  /** The app that is registered there from the start. */
  readonly app: (platform: string) => {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly settings: Record<string, unknown>;
  };
  /** Values for a fields-type method, as a person would get them from the platform's own pages. */
  readonly fields: (platform: string, method: string, person?: string) => Record<string, string>;
  readonly breaks: (platform: string) => readonly SimBreak[];
  /** The switches that were flipped and not mended since, the earliest first. Absent: nobody has kept count. */
  readonly flips?: (platform: string) => readonly SimFlip[];
  /** What else people do there, without breaking a grant. Absent: nothing. */
  readonly deeds?: (platform: string) => readonly SimDeed[];
  /** What it pushes to operators. Absent: nothing. */
  readonly signals?: (platform: string) => readonly SimSignal[];
  /** Where the operator registered at the platform itself that this signal goes; undefined: nowhere. Absent: cannot be. */
  readonly registeredReceiver?: (platform: string, signal: string) => string | undefined;
  /**
   * What only the platform knows: whether a grant with these secrets could be renewed or used at this moment. Says nothing
   * about the app, about single accounts, or about how the platform feels today. Changes nothing.
   */
  readonly lives: (platform: string, method: string, secrets: Readonly<Record<string, string>>) => boolean;
  /**
   * What only the platform knows: whether a call with these secrets' access token would be taken at this moment, as far as
   * token and authorization go. It may be, though nothing renews it any more. Says nothing more, and changes nothing, as `lives`.
   */
  readonly takes: (platform: string, method: string, secrets: Readonly<Record<string, string>>) => boolean;
  /** The apps (OAuth clients) that a platform has registered; none where it has no such thing. */
  readonly clientIds: (platform: string) => readonly string[];
  /** Whether this access token was issued here and is still remembered, whatever became of it. */
  readonly issued: (accessToken: string) => boolean;
  readonly handle: (request: SimRequest) => SimAnswer | Promise<SimAnswer>;
  /** This platform's own way to say "too many calls". */
  readonly rateLimited: (request: SimRequest) => SimAnswer;
}

export type SimulatorFactory = (world: SimWorld) => Simulator;

export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): SimAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

export function textAnswer(status: number, body: string, headers: Record<string, string> = {}): SimAnswer {
  return { status, headers: { 'content-type': 'text/plain', ...headers }, body };
}

/** A file of any bytes, as it lies in a platform's store. */
export function fileAnswer(bytes: Uint8Array, headers: Record<string, string>): SimAnswer {
  return { status: 200, headers, body: Buffer.from(bytes).toString('latin1'), isFile: true };
}

export function redirectAnswer(location: string): SimAnswer {
  return { status: 302, headers: { location }, body: '' };
}

/** The form fields of a form-urlencoded body. */
export function formOf(request: SimRequest): URLSearchParams {
  return new URLSearchParams(request.body);
}

/** The JSON object of the body; empty where there is none. */
export function jsonOf(request: SimRequest): Record<string, unknown> {
  // A parser's error costs more than all the rest of a call: most bodies are forms.
  if (!/^\s*\{/.test(request.body)) return {};
  try {
    return JSON.parse(request.body) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** The token of `Authorization: Bearer`, or undefined. */
export function bearerOf(request: SimRequest): string | undefined {
  return /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** User and password of `Authorization: Basic`, or undefined. */
export function basicOf(request: SimRequest): { user: string; password: string } | undefined {
  const encoded = /^Basic\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [user, ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  const decode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
  return { user: decode(user ?? ''), password: decode(rest.join(':')) };
}
