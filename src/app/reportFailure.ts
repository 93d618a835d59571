import { type Endpoint, parseJson, type ReceivedAnswer } from '../core/answer.ts';
import type { Cause } from '../core/cause.ts';
import { type Diagnosis, diagnose } from '../core/diagnosis.ts';
import { IS_KEPT } from '../core/grantState.ts';
import { type Instant, toRfc3339OrNull } from '../core/instant.ts';
import type { Platform } from '../platforms/kit/platform.ts';
import type { ConnectionRecord, GrantRecord } from '../store/records.ts';
import { lossRows } from './accountLoss.ts';
import { LEASE_MS } from './attempt.ts';
import type { Context } from './context.ts';
import { evidenceOf } from './evidence.ts';
import { giveBack, takeOver } from './lapse.ts';
import { requireConnected, requireConnection } from './manageConnections.ts';
import { openApp, openGrant } from './openGrant.ts';
import { redactWords } from './redact.ts';
import { renewGrant } from './renewGrant.ts';
import { rests } from './rest.ts';
import { settleLimited } from './settle.ts';
import { methodOf, platformOf } from './startConnect.ts';
import { stateOf } from './viewConnection.ts';

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
 * grant is asked of the platform at once, what concerns a part of it marks the grant, or this connection alone, as degraded. Shortly after another
 * look, or while a suspicion waits to be confirmed, the platform is not asked again before `held_until`.
 */
export async function reportFailure(ctx: Context, connectionId: string, input: AnswerInput) {
  const { house, workspaceId } = ctx;
  const { grant, connection } = await requireConnected(ctx, connectionId);
  const platform = await platformOf(ctx, grant.platform);
  const read = diagnose(platform.adapter.checks, toAnswer(input), grant.facts, house.now());
  const diagnosis = { ...read, words: redactWords(read.words, await secretsOf(ctx, grant)) };
  const { cause, check, status, words } = diagnosis;
  const detail = { cause, check, status, code: words.code, message: words.message };
  const subjects = [connection.id, grant.id];
  await house.store.appendActivity([
    { workspaceId, at: house.now(), actor: ctx.actor, action: 'failure.reported', subjects, detail },
  ]);
  const heldUntil = diagnosis.reach === 'grant' ? (rests(grant, house.now())?.until ?? null) : null;
  if (IS_KEPT[grant.state] && heldUntil === null) await follow(ctx, connection, diagnosis);
  const after = await requireConnection(ctx, connectionId);
  const held_until = IS_KEPT[after.grant.state] ? toRfc3339OrNull(heldUntil) : null;
  return { diagnosis: viewDiagnosis(diagnosis), state: stateOf(after), held_until };
}

/** A platform may quote the credential in its words; then it has to be known to be taken out. */
async function secretsOf(ctx: Context, grant: GrantRecord): Promise<readonly string[]> {
  const app = await ctx.house.store.getApp(ctx.workspaceId, grant.appId);
  if (!app) return [];
  const open = await openGrant(ctx.house, await openApp(ctx.house, app, grant.method), grant);
  return [open.config.clientSecret, ...Object.values(open.held.secrets)];
}

/** What other connections on the same grant need not feel: it concerns the ad accounts that this one uses. */
const OF_CONNECTION: ReadonlySet<Cause> = new Set([
  'account_access_removed',
  'account_disabled',
  'policy_violation',
]);

/** Kept with the connection until its own accounts are read again: those of another prove nothing for it. */
async function loseAccounts(ctx: Context, { id }: ConnectionRecord, diagnosis: Diagnosis): Promise<void> {
  const { house, workspaceId, actor } = ctx;
  await house.store.transaction(async (store) => {
    const now = await store.lockConnection(workspaceId, id);
    if (now?.status !== 'connected') return;
    const { cause } = diagnosis;
    const same = now.loss?.cause === cause ? now.loss : null;
    const loss = {
      cause,
      since: same?.since ?? house.now(),
      accounts: same?.accounts ?? [],
      evidence: evidenceOf(diagnosis),
    };
    const record = { ...now, loss };
    await store.updateConnection(record);
    await store.appendActivity(lossRows(record, now.loss, house.now(), actor));
  });
}

async function follow(ctx: Context, connection: ConnectionRecord, diagnosis: Diagnosis): Promise<void> {
  const { grantId } = connection;
  const { house, workspaceId } = ctx;
  if (diagnosis.reach === 'grant') {
    await renewGrant(house, { workspaceId, id: grantId }, 'probe', ctx.actor);
    return;
  }
  if (diagnosis.reach !== 'part_of_grant') return;
  if (OF_CONNECTION.has(diagnosis.cause)) return loseAccounts(ctx, connection, diagnosis);
  const claim = { now: house.now(), owner: `${house.nodeId}:report`, leaseMs: LEASE_MS };
  const claimed = await house.store.claimGrant(workspaceId, grantId, claim);
  if (!claimed) return;
  if (claimed.state !== 'active' && claimed.state !== 'degraded') {
    // A report about a part is no proof that the rest works: it lifts neither a suspicion nor a loss.
    await giveBack(house, [claimed], null);
    return;
  }
  const grant = takeOver(claimed, house.now());
  const method = methodOf(await platformOf(ctx, grant.platform), grant.method);
  await house.committer.commit(
    settleLimited({ grant, method, now: house.now(), actor: ctx.actor }, diagnosis),
  );
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
