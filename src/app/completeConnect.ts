import { CAUSES } from '../core/cause.ts';
import type { CallbackResult } from '../platforms/kit/adapter.ts';
import { readStandardCallback } from '../platforms/kit/oauth.ts';
import type { AuthorizationAttemptRecord, ConnectSessionRecord } from '../store/records.ts';
import { type Adopted, type Alongside, adoptGrant } from './adoptGrant.ts';
import { followConnect } from './appHealth.ts';
import { sessionRow, subjectsOf } from './connectActivity.ts';
import { contextOf, isMended } from './connectPage.ts';
import type { Context, House } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { sha256Hex } from './hash.ts';
import { diagnoseFor, type OpenApp, openApp } from './openGrant.ts';
import { redactWords } from './redact.ts';
import { readExchange, whyNotIssued } from './refusedAtConnect.ts';

const LONGEST_ERROR = 100;

export interface CallbackInput {
  readonly platformId: string;
  readonly query: URLSearchParams;
  /** What {@link beginAuthorization} left in the browser. */
  readonly browserSecret: string | null;
  /** The state as the browser kept it, for platforms that forget it on a denial. */
  readonly keptState: string | null;
}

export interface CompletedConnect extends Adopted {
  readonly session: ConnectSessionRecord;
}

/**
 * Takes a person back from the platform. State is single use, ends, and belongs to the browser that began. A denial or a
 * failure is recorded with its cause, leaves the old connection as it was, and the link can be tried again.
 */
export async function completeConnect(house: House, input: CallbackInput): Promise<CompletedConnect> {
  const { attempt, session, refuse } = await findAttempt(house, input);
  const ctx = contextOf(house, session);
  const app = await house.store.getApp(ctx.workspaceId, session.appId);
  if (!app) throw notFound('app', session.appId);
  const open = await openApp(house, app, session.method);
  const callback = (open.adapter.readCallback ?? readStandardCallback)(input.query, open.config);
  // Else a page elsewhere could lead this browser here with a code of its own, and the state would come from the cookie.
  if (callback.kind === 'code' && !input.query.get('state'))
    throw await refuse('The platform’s answer came without its state.');
  if (!(await house.store.useAttempt(attempt.stateHash, house.now())))
    throw await refuse('It was already used.');
  if (session.status !== 'open' || (await isMended(house, session)))
    throw await refuse('The connection is already made.');
  if (callback.kind === 'denied') throw await denied(ctx, session, callback, open.platform.profile.name);
  try {
    const issued = await exchange(ctx, open, attempt, session, callback.code);
    const before = session.connectionId
      ? await house.store.getConnection(ctx.workspaceId, session.connectionId)
      : null;
    const { clientId, connectionName, scopes, allowOtherIdentity } = session;
    const adoption = { open, issued, clientId, connectionName, scopes, before, allowOtherIdentity };
    const finish = finishing(ctx, session);
    const adopted = await adoptGrant(ctx, adoption, finish.alongside);
    return { ...adopted, session: finish.finished(adopted) };
  } catch (error) {
    if (error instanceof Problem) await noteFailure(ctx, session, error);
    throw error;
  }
}

async function findAttempt(house: House, input: CallbackInput) {
  const state = input.query.get('state') ?? input.keptState;
  const attempt = state ? await house.store.getAttempt(sha256Hex(state)) : null;
  if (!attempt) throw stateInvalid('It was not begun here, or too long ago.');
  const session = await house.store.getConnectSession(attempt.workspaceId, attempt.sessionId);
  if (!session) throw stateInvalid('Its link no longer exists.');
  const refuse = async (reason: string): Promise<Problem> => {
    await record(contextOf(house, session), session, 'connect.state_refused', { reason });
    return stateInvalid(reason);
  };
  if (session.platform !== input.platformId) throw await refuse('It was begun for another platform.');
  if (attempt.browserHash !== sha256Hex(input.browserSecret ?? ''))
    throw await refuse('It was begun in another browser.');
  if (attempt.expiresAt <= house.now()) throw await refuse('It took too long.');
  return { attempt, session, refuse };
}

function stateInvalid(reason: string): Problem {
  return new Problem(
    'state_invalid',
    `${reason} Open the link that you were given again and start from there. Nothing was changed.`,
  );
}

/** The code goes out once. Whatever comes of it, it is never sent again (RFC 6749 4.1.2). */
async function exchange(
  ctx: Context,
  open: OpenApp,
  attempt: AuthorizationAttemptRecord,
  session: ConnectSessionRecord,
  code: string,
) {
  if (!open.adapter.exchange)
    throw new Problem('unknown_method', `${open.method.name} takes no authorization code.`);
  const vault = await ctx.house.vault.forWorkspace(ctx.workspaceId);
  const context = { owner: attempt.stateHash, field: 'code_verifier', version: 0 };
  const codeVerifier = attempt.codeVerifier && vault.open(context, attempt.codeVerifier);
  const { redirectUri, nonce } = attempt;
  const outcome = await open.adapter.exchange(open.io, open.config, {
    code,
    redirectUri,
    codeVerifier,
    nonce,
    scopes: session.scopes,
  });
  if (outcome.ok) {
    await followConnect(ctx.house, open.record, null);
    return outcome.value;
  }
  const sent = { secrets: { code, nonce, code_verifier: codeVerifier ?? '' } };
  const diagnosis = readExchange(diagnoseFor(open, sent, outcome.answer));
  await followConnect(ctx.house, open.record, diagnosis);
  throw new Problem(
    diagnosis.reach === 'app' ? 'app_failing' : 'connect_failed',
    whyNotIssued(open, diagnosis),
    {
      cause: diagnosis.cause,
      platform_code: diagnosis.words.code,
      platform_message: diagnosis.words.message,
    },
  );
}

async function denied(
  ctx: Context,
  session: ConnectSessionRecord,
  callback: Extract<CallbackResult, { kind: 'denied' }>,
  platformName: string,
): Promise<Problem> {
  const { cause } = callback;
  // What stands in the address can be written by anybody who sends the person here.
  const error = redactWords({ code: callback.error.slice(0, LONGEST_ERROR), message: null }, []).code ?? '';
  const extensions = { cause, platform_error: error };
  const problem =
    cause === 'permission_missing'
      ? new Problem('consent_denied', declined(session, platformName), extensions)
      : new Problem(
          CAUSES[cause].reach === 'app' ? 'app_failing' : 'connect_failed',
          `${platformName} did not begin the sign-in (${error}). ${CAUSES[cause].remedy}`,
          extensions,
        );
  await noteFailure(ctx, session, problem);
  return problem;
}

/** A person's own decision: no fault of the platform, and none of what is connected. */
function declined({ connectionId }: ConnectSessionRecord, platformName: string): string {
  const now =
    connectionId === null
      ? 'nothing was connected'
      : 'nothing was changed: the connection is as it was before';
  return `Access was declined at ${platformName}, so ${now}. Whoever opens the link again can still allow it.`;
}

/** The session stays open, so that the person can try again; why it failed is on record. */
export async function noteFailure(
  ctx: Context,
  session: ConnectSessionRecord,
  problem: Problem,
): Promise<void> {
  const cause = (problem.extensions.cause as ConnectSessionRecord['cause'] | undefined) ?? null;
  const now = await ctx.house.store.getConnectSession(session.workspaceId, session.id);
  if (now?.status === 'open')
    await ctx.house.store.updateConnectSession({ ...now, cause, detail: problem.message });
  // No cause of the vocabulary says that somebody did not want to: nothing failed, so the log says whose decision it was.
  const decision = problem.code === 'consent_denied' ? { decided_by: 'authorizing_user' } : {};
  await record(ctx, session, 'connect.failed', { code: problem.code, cause, ...decision });
}

/**
 * Ends a session together with what it makes: of several trips that were begun under one link one wins, and the others
 * leave nothing behind. `alongside` throws {@link Problem} `link_expired` for those.
 */
export function finishing(ctx: Context, session: ConnectSessionRecord) {
  const finishedAt = ctx.house.now();
  const finished = ({ connection }: Adopted): ConnectSessionRecord => ({
    ...session,
    status: 'completed',
    cause: null,
    detail: null,
    resultConnectionId: connection.id,
    finishedAt,
  });
  const alongside: Alongside = async (store, adopted) => {
    if (await store.updateConnectSession(finished(adopted))) {
      const subjects = [session.id, adopted.connection.id];
      return store.appendActivity([sessionRow(ctx, 'connect.completed', subjects, {})]);
    }
    throw new Problem(
      'link_expired',
      'This link was used by another sign-in a moment ago, and that one made the connection. Nothing more was changed.',
    );
  };
  return { finished, alongside };
}

async function record(
  ctx: Context,
  session: ConnectSessionRecord,
  action: string,
  detail: Record<string, unknown>,
): Promise<void> {
  await ctx.house.store.appendActivity([sessionRow(ctx, action, subjectsOf(session), detail)]);
}
