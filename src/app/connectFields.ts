import type { Accepted } from '../platforms/kit/adapter.ts';
import { type Fields, readFields } from '../platforms/kit/fields.ts';
import type { ConnectSessionRecord } from '../store/records.ts';
import { type Adopted, type Alongside, adoptGrant } from './adoptGrant.ts';
import { followConnect } from './appHealth.ts';
import { finishing, noteFailure } from './completeConnect.ts';
import { contextOf, openSession } from './connectPage.ts';
import type { Context, House } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { diagnoseFor, type OpenApp, openApp } from './openGrant.ts';
import { askedNameOf } from './refusedAtConnect.ts';

type Refusal = Extract<Accepted, { ok: false }>;

/** Connects by what a person filled in on the hosted page. The values are proven at the platform, then sealed. */
export async function submitFields(
  house: House,
  token: string,
  fields: Fields,
): Promise<Adopted & { session: ConnectSessionRecord }> {
  const session = await openSession(house, token);
  const ctx = contextOf(house, session);
  const before = session.connectionId
    ? await house.store.getConnection(ctx.workspaceId, session.connectionId)
    : null;
  const { appId, method, clientId, connectionName, scopes, allowOtherIdentity } = session;
  const target = { appId, method, clientId, connectionName, scopes, allowOtherIdentity, before };
  const finish = finishing(ctx, session);
  try {
    const adopted = await connectFields(ctx, target, fields, finish.alongside);
    return { ...adopted, session: finish.finished(adopted) };
  } catch (error) {
    if (error instanceof Problem) await noteFailure(ctx, session, error);
    throw error;
  }
}

type Target = Pick<
  ConnectSessionRecord,
  'appId' | 'method' | 'clientId' | 'connectionName' | 'scopes' | 'allowOtherIdentity'
> & {
  readonly before: Parameters<typeof adoptGrant>[1]['before'];
};

/**
 * Connects (or reconnects) by fields. Throws {@link Problem} `invalid_fields` naming each field that is wrong or that the
 * platform refuses, `temporarily_unavailable` where the platform could not be asked, `app_failing` where the app is at
 * fault, else `connect_failed`. Whichever it is, nothing is stored.
 */
export async function connectFields(
  ctx: Context,
  target: Target,
  fields: Fields,
  alongside?: Alongside,
): Promise<Adopted> {
  const { house, workspaceId } = ctx;
  const app = await house.store.getApp(workspaceId, target.appId);
  if (!app) throw notFound('app', target.appId);
  const open = await openApp(house, app, target.method);
  if (!open.adapter.accept)
    throw new Problem(
      'unknown_method',
      `${open.method.name} is done by signing in at the platform, not by fields.`,
    );
  const given = readGiven(open, fields);
  const accepted = await open.adapter.accept(open.io, open.config, given, target.scopes);
  if (!accepted.ok) throw await notAccepted(house, open, given, accepted);
  await followConnect(house, open.record, null);
  return adoptGrant(ctx, { ...target, open, issued: accepted.value }, alongside);
}

function readGiven(open: OpenApp, fields: Fields): Fields {
  const { values, errors } = readFields(open.method.fields, fields, open.io.now());
  const wrong = Object.keys(errors);
  if (wrong.length === 0) return values;
  throw new Problem('invalid_fields', `Correct these fields: ${namesOf(open, wrong)}.`, { errors });
}

/** A refused value is the person's to correct; silence, limits and outages say nothing about it. */
async function notAccepted(
  house: House,
  open: OpenApp,
  given: Fields,
  { answer, refused: read }: Refusal,
): Promise<Problem> {
  const diagnosis = diagnoseFor(open, { secrets: given }, answer);
  // A gateway's page may come under the status of a refusal.
  const refused = diagnosis.cause === 'platform_outage' ? undefined : read;
  if (!refused) await followConnect(house, open.record, diagnosis);
  const name = askedNameOf(open);
  const { cause, explanation, remedy, words } = diagnosis;
  const said = { platform_code: words.code, platform_message: words.message };
  if (refused) {
    const detail = `${name} refuses what was entered under ${namesOf(open, Object.keys(refused))}. Correct it and try again; nothing was stored.`;
    return new Problem('invalid_fields', detail, { errors: refused, ...said });
  }
  if (diagnosis.meaning === 'transient' || diagnosis.meaning === 'unknown_outcome') {
    const detail = `${name} could not be asked just now, so nothing was stored. ${explanation} Try again later; what was entered may be right.`;
    return new Problem('temporarily_unavailable', detail, { cause, ...said });
  }
  const code = diagnosis.reach === 'app' ? 'app_failing' : 'connect_failed';
  return new Problem(code, `${name} does not accept this. ${explanation} ${remedy} Nothing was stored.`, {
    cause,
    ...said,
  });
}

/** Fields by the names under which the person sees them. */
function namesOf({ method }: OpenApp, ids: readonly string[]): string {
  return ids.map((id) => method.fields.find((spec) => spec.id === id)?.label ?? id).join(', ');
}
