import type { Endpoint, MissingAnswer, PlatformAnswer, ReadAnswer } from './answer.ts';
import { at, readAnswer, textAt } from './answer.ts';
import type { Actor, Cause, CauseEntry, Reach } from './cause.ts';
import { CAUSES } from './cause.ts';
import type { GrantFacts } from './grantFacts.ts';
import type { Instant } from './instant.ts';

/**
 * What a failure means, decided once, at the edge.
 * - `transient`: it passes; try again by the table.
 * - `person_needed`: the grant, or a part of it, is gone until a person acts.
 * - `app_fault`: ours or the app's; the operator acts. Never harms a grant.
 * - `unknown_outcome`: sent, and no answer: whether the platform acted is not known.
 */
export type Meaning = 'transient' | 'person_needed' | 'app_fault' | 'unknown_outcome';

/** What a diagnosis looks at. `facts` is undefined when only an answer is at hand. */
export interface Evidence {
  readonly answer: ReadAnswer;
  readonly facts: GrantFacts | undefined;
  readonly now: Instant;
}

/** What one check concludes. Only `cause` is needed; the rest overrides the vocabulary where a platform differs. */
export interface Finding {
  readonly cause: Cause;
  /** Further causes that this evidence cannot rule out. */
  readonly also?: readonly Cause[];
  /** Platform-specific instruction, in a person's words. */
  readonly remedy?: string;
  readonly who?: Actor;
  readonly permanent?: boolean;
  readonly reach?: Reach;
  /** Whether a new authorization mends it, where that is not as with the cause. */
  readonly reconnect?: boolean;
  /** How long the platform asks to wait. */
  readonly retryAfterSeconds?: number;
}

/** One small question to the evidence. Undefined: this check has nothing to say; ask the next. */
export interface Check {
  /** Stable code of the check, kept as evidence: `meta.190_460`, `oauth.invalid_client`. */
  readonly name: string;
  readonly look: (evidence: Evidence) => Finding | undefined;
}

/** The platform's own words, shortened, for people and records. Adapters make sure that no secret is among them. */
export interface PlatformWords {
  readonly code: string | null;
  readonly message: string | null;
}

export interface Diagnosis {
  readonly cause: Cause;
  readonly meaning: Meaning;
  readonly permanent: boolean;
  readonly who: Actor;
  readonly reach: Reach;
  readonly explanation: string;
  readonly remedy: string;
  /** Absent: as with the cause, and with who acts. */
  readonly reconnect?: boolean;
  readonly acceptableOthers: readonly Cause[];
  /** The check that decided. */
  readonly check: string;
  readonly words: PlatformWords;
  readonly endpoint: Endpoint;
  /** HTTP status, or null where no answer came. */
  readonly status: number | null;
  readonly retryAfterSeconds: number | null;
}

/** Asks each check in turn; the first that has something to say decides. A chain that is silent means `unknown`. */
export function diagnose(
  chain: readonly Check[],
  answer: PlatformAnswer,
  facts: GrantFacts | undefined,
  now: Instant,
): Diagnosis {
  if (answer.kind === 'no_answer') return diagnoseSilence(answer);
  const evidence = { answer: readAnswer(answer), facts, now };
  for (const check of chain) {
    const finding = check.look(evidence);
    if (finding) return conclude(finding, check.name, evidence.answer, now);
  }
  return conclude({ cause: 'unknown' }, 'chain.silent', evidence.answer, now);
}

function diagnoseSilence(answer: MissingAnswer): Diagnosis {
  const ours = answer.reason === 'host_refused';
  const finding: Finding = ours ? { cause: 'app_misconfigured' } : { cause: 'platform_outage' };
  return {
    ...assemble(finding, `silence.${answer.reason}`),
    meaning: ours
      ? 'app_fault'
      : answer.sent && answer.endpoint === 'token'
        ? 'unknown_outcome'
        : 'transient',
    words: { code: answer.reason, message: answer.detail ?? null },
    endpoint: answer.endpoint,
    status: null,
    retryAfterSeconds: null,
  };
}

function conclude(finding: Finding, check: string, answer: ReadAnswer, now: Instant): Diagnosis {
  return {
    ...assemble(finding, check),
    words: wordsOf(answer),
    endpoint: answer.endpoint,
    status: answer.status,
    retryAfterSeconds:
      finding.retryAfterSeconds ??
      retryAfterSeconds(answer, now) ??
      waitInWords(finding.cause, wordsOf(answer)),
  };
}

function assemble(finding: Finding, check: string) {
  const entry: CauseEntry = CAUSES[finding.cause];
  const permanent = finding.permanent ?? entry.permanent;
  const reach = finding.reach ?? entry.reach;
  return {
    cause: finding.cause,
    meaning: meaningOf(permanent, reach),
    permanent,
    who: finding.who ?? entry.who,
    reach,
    explanation: entry.meaning,
    remedy: finding.remedy ?? entry.remedy,
    ...(finding.reconnect !== undefined && { reconnect: finding.reconnect }),
    acceptableOthers: finding.also ?? [],
    check,
  };
}

function meaningOf(permanent: boolean, reach: Reach): Meaning {
  if (reach === 'app' || reach === 'call') return 'app_fault';
  return permanent ? 'person_needed' : 'transient';
}

/** `Retry-After` in seconds or as a date (RFC 9110 10.2.3); null where it is absent or unreadable. */
export function retryAfterSeconds(answer: ReadAnswer, now: Instant): number | null {
  const text = answer.headers['retry-after'];
  if (text === undefined) return null;
  if (/^\d+$/.test(text.trim())) return Number(text.trim());
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}

const WAIT =
  /\b(?:retry|try again|wait)\b[^.;\d]{0,40}?\b(\d{1,6})\s*(s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b/i;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Some platforms say only in their message how long to wait: “Retry in 30 seconds.” */
function waitInWords(cause: Cause, { message }: PlatformWords): number | null {
  const [, count, unit = ''] = CAUSES[cause].permanent ? [] : (WAIT.exec(message ?? '') ?? []);
  return count === undefined ? null : Number(count) * (UNIT_SECONDS[unit.charAt(0).toLowerCase()] ?? 1);
}

const WORDS_LENGTH = 300;
const CODE_PATHS = [
  ['error', 'code'],
  ['error', 'status'],
  ['error'],
  ['code'],
  ['error_code'],
  ['serviceErrorCode'],
  ['ErrorCode'],
  ['data', 'error', 'code'],
] as const;
const MESSAGE_PATHS = [
  ['error_description'],
  ['error', 'message'],
  ['message'],
  ['Message'],
  ['details'],
  ['debug_message'],
  ['data', 'error', 'message'],
] as const;

/** The platform's code and message wherever the common envelopes keep them. */
function wordsOf(answer: ReadAnswer): PlatformWords {
  const code = firstText(answer.json, CODE_PATHS);
  const message = firstText(answer.json, MESSAGE_PATHS) ?? plainText(answer);
  return { code: code?.slice(0, WORDS_LENGTH) ?? null, message: message?.slice(0, WORDS_LENGTH) ?? null };
}

function firstText(json: unknown, paths: readonly (readonly string[])[]): string | undefined {
  for (const path of paths) {
    const found = textAt(json, ...path);
    const subcode = path.at(-1) === 'code' ? subcodeIn(at(json, ...path.slice(0, -1))) : undefined;
    if (found !== undefined && found !== '') return subcode === undefined ? found : `${found}/${subcode}`;
  }
  return undefined;
}

function subcodeIn(error: unknown): string | undefined {
  return textAt(error, 'error_subcode') ?? textAt(error, 'subcode');
}

function plainText(answer: ReadAnswer): string | undefined {
  if (typeof answer.json === 'string') return answer.json;
  if (at(answer.json) !== undefined || answer.body === '' || /<\s*(!doctype|html|body)/i.test(answer.body))
    return undefined;
  return answer.body.trim();
}
