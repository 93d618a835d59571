import { type Endpoint, parseJson, type ReceivedAnswer } from '../core/answer.ts';
import type { Cause } from '../core/cause.ts';
import { type Diagnosis, diagnose } from '../core/diagnosis.ts';
import { IS_KEPT } from '../core/grantState.ts';
import { type Instant, toRfc3339OrNull } from '../core/instant.ts';
import type { Platform } from '../platforms/kit/platform.ts';
import type { AppRecord, GrantRecord } from '../store/records.ts';
import type { ConnectionView } from '../store/store.ts';
import type { Context } from './context.ts';
import { followRefusal, noteReport } from './followRefusal.ts';
import { requireConnected, requireConnection } from './manageConnections.ts';
import { namesReached } from './namesReached.ts';
import { openApp, openGrant } from './openGrant.ts';
import { redactWords } from './redact.ts';
import { signInWords } from './signInWords.ts';
import { platformOf } from './startConnect.ts';
import { ownLossOf, stateOf } from './viewConnection.ts';

export interface AnswerInput {
  readonly endpoint: Endpoint;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or anything that JSON can hold. */
  readonly body: unknown;
}

/** Says what a platform's answer means. Looks nothing up and changes nothing. */
export async function diagnoseAnswer(ctx: Context, platformId: string, input: AnswerInput) {
  const platform = await platformOf(ctx, platformId);
  return explainAnswer(platform, toAnswer(input), ctx.house.now());
}

/**
 * A caller reports what the platform answered to one of its calls. It is evidence, not a verdict: what may concern the
 * grant is asked of the platform at once, what concerns a part of it marks the grant, or this connection alone, as
 * degraded. Shortly after another look, while a suspicion waits to be confirmed, or while the app is left alone, the
 * platform is asked at `held_until` instead; `held_until` also says until when somebody else may hold the grant.
 * A success that is reported changes nothing.
 * Throws {@link Problem} `temporarily_unavailable` where a mark has to wait too long for whoever holds it.
 */
export async function reportFailure(ctx: Context, connectionId: string, input: AnswerInput) {
  const { house, workspaceId } = ctx;
  const { grant, connection } = await requireConnected(ctx, connectionId);
  const platform = await platformOf(ctx, grant.platform);
  const app = await house.store.getApp(workspaceId, grant.appId);
  const answer = toAnswer(input);
  const read = diagnose(platform.adapter.checks, answer, grant.facts, house.now());
  if (isSuccess(answer, read.check)) {
    await noteReport(
      ctx,
      { connection, grant },
      { cause: null, check: SUCCESS.check, status: answer.status },
    );
    return { diagnosis: SUCCESS, state: stateOf({ connection, grant }), held_until: null };
  }
  const diagnosis = { ...read, words: redactWords(read.words, await secretsOf(ctx, app, grant)) };
  const heldUntil = await followRefusal(ctx, { connection, grant, app }, diagnosis);
  const after = await requireConnection(ctx, connectionId);
  const held_until = IS_KEPT[after.grant.state] ? toRfc3339OrNull(heldUntil) : null;
  return { diagnosis: diagnosisFor(after, diagnosis, answer.body), state: stateOf(after), held_until };
}

/** A platform may quote the credential in its words; then it has to be known to be taken out. */
async function secretsOf(
  { house }: Context,
  app: AppRecord | null,
  grant: GrantRecord,
): Promise<readonly string[]> {
  if (!app) return [];
  const open = await openGrant(house, await openApp(house, app, grant.method), grant);
  return [open.config.clientSecret, ...Object.values(open.held.secrets)];
}

function toAnswer(input: AnswerInput) {
  const headers = Object.fromEntries(
    Object.entries(input.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const body =
    typeof input.body === 'string' ? input.body : input.body === undefined ? '' : JSON.stringify(input.body);
  return { kind: 'answer', endpoint: input.endpoint, status: input.status, headers, body } as const;
}

/** What an answer means; that it is no failure, where it is none. */
export function explainAnswer(platform: Platform, answer: ReceivedAnswer, now: Instant) {
  const diagnosis = diagnose(platform.adapter.checks, answer, undefined, now);
  if (isSuccess(answer, diagnosis.check)) return SUCCESS;
  return viewDiagnosis({ ...diagnosis, words: redactWords(diagnosis.words, []) });
}

/** The last checks of the chain: they say that no other found anything. */
const FOUND_NOTHING: ReadonlySet<string> = new Set(['chain.silent', 'http.empty']);

/** A 2xx in which no check finds an error is a success; an answer to a token request that holds nothing is not. */
function isSuccess({ status, endpoint, body }: ReceivedAnswer, check: string): boolean {
  if (status < 200 || status > 299 || !FOUND_NOTHING.has(check)) return false;
  const json = parseJson(body);
  const hasMembers = typeof json === 'object' && json !== null && Object.keys(json).length > 0;
  return endpoint === 'token' ? hasMembers : body === '' || json !== undefined;
}

const SUCCESS = {
  cause: null,
  meaning: 'success',
  permanent: false,
  who: 'nobody',
  reach: 'call',
  acceptable_others: [],
  explanation: 'The answer is a success: nothing in it tells of a failure.',
  remedy: 'Nothing to do.',
  retry_after_seconds: null,
  check: 'http.success',
  platform_code: null,
  platform_message: null,
} as const;

/**
 * What an answer means for a connection. That the identity reaches no ad account, or not this one, is no news where these
 * were left out as a person signed in: then it says what the connection itself says. An answer that names an account
 * that is reached (`said`: its text; default: the platform's message) tells of something else.
 */
export function diagnosisFor(
  view: ConnectionView,
  diagnosis: Diagnosis,
  said = diagnosis.words.message ?? '',
) {
  const shown = viewDiagnosis(diagnosis);
  const loss = ownLossOf(view);
  const isOfAccess = OF_ACCESS.has(diagnosis.cause) && !namesReached(view.connection, said);
  const words = loss && isOfAccess ? signInWords(view, loss) : null;
  if (loss === null || words === null) return shown;
  const others = new Set([...shown.acceptable_others, diagnosis.cause]);
  others.delete(loss.cause);
  return { ...shown, ...words, cause: loss.cause, acceptable_others: [...others] };
}

const OF_ACCESS: ReadonlySet<Cause> = new Set(['account_access_removed', 'not_provisioned']);

/** A diagnosis as the API and the command line show it. */
export function viewDiagnosis(diagnosis: Diagnosis) {
  return {
    cause: diagnosis.cause,
    meaning: diagnosis.meaning,
    permanent: diagnosis.permanent,
    who: diagnosis.who,
    reach: diagnosis.reach,
    acceptable_others: diagnosis.acceptableOthers,
    explanation: diagnosis.explanation,
    remedy: diagnosis.remedy,
    retry_after_seconds: diagnosis.retryAfterSeconds,
    check: diagnosis.check,
    platform_code: diagnosis.words.code,
    platform_message: diagnosis.words.message,
  };
}
