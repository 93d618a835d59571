import type { ConnectSessionRecord } from '../store/records.ts';
import { type Adopted, adoptGrant } from './adoptGrant.ts';
import { finishSession } from './completeConnect.ts';
import { contextOf, openSession } from './connectPage.ts';
import type { Context, House } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { diagnoseFor, type OpenApp, openApp } from './openGrant.ts';

type Fields = Readonly<Record<string, string>>;

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
  const adopted = await connectFields(
    ctx,
    { appId, method, clientId, connectionName, scopes, allowOtherIdentity, before },
    fields,
  );
  return { ...adopted, session: await finishSession(ctx, session, adopted) };
}

type Target = Pick<
  ConnectSessionRecord,
  'appId' | 'method' | 'clientId' | 'connectionName' | 'scopes' | 'allowOtherIdentity'
> & {
  readonly before: Parameters<typeof adoptGrant>[1]['before'];
};

/** Connects (or reconnects) by fields. Throws {@link Problem} `invalid_fields` naming each field that is wrong. */
export async function connectFields(ctx: Context, target: Target, fields: Fields): Promise<Adopted> {
  const { house, workspaceId } = ctx;
  const app = await house.store.getApp(workspaceId, target.appId);
  if (!app) throw notFound('app', target.appId);
  const open = await openApp(house, app, target.method);
  if (!open.adapter.accept)
    throw new Problem(
      'unknown_method',
      `${open.method.name} is done by signing in at the platform, not by fields.`,
    );
  const given = checkFields(open, fields);
  const outcome = await open.adapter.accept(open.io, open.config, given, target.scopes);
  if (!outcome.ok) {
    const diagnosis = diagnoseFor(open, { secrets: given }, outcome.answer);
    throw new Problem(
      'connect_failed',
      `${open.platform.profile.name} does not accept this. ${diagnosis.explanation} ${diagnosis.remedy}`,
      {
        cause: diagnosis.cause,
        platform_code: diagnosis.words.code,
        platform_message: diagnosis.words.message,
      },
    );
  }
  return adoptGrant(ctx, { ...target, open, issued: outcome.value });
}

function checkFields(open: OpenApp, fields: Fields): Fields {
  const errors: Record<string, string> = {};
  const given: Record<string, string> = {};
  for (const spec of open.method.fields) {
    const value = fields[spec.id]?.trim() ?? '';
    if (value === '') {
      if (spec.required) errors[spec.id] = `${spec.label} is needed.`;
      continue;
    }
    const wrong = wrongValue(spec.kind, value, spec.choices);
    if (wrong) errors[spec.id] = wrong;
    else given[spec.id] = value;
  }
  const known = new Set(open.method.fields.map((spec) => spec.id));
  for (const name of Object.keys(fields)) if (!known.has(name)) errors[name] = 'There is no such field.';
  if (Object.keys(errors).length === 0) return given;
  throw new Problem('invalid_fields', `Correct these fields: ${Object.keys(errors).join(', ')}.`, { errors });
}

function wrongValue(kind: string, value: string, choices: readonly string[] | undefined): string | undefined {
  if (kind === 'date' && Number.isNaN(Date.parse(value))) return 'Give a date as YYYY-MM-DD.';
  if (kind === 'json' && !isJson(value)) return 'This is not valid JSON. Paste the whole file.';
  if (kind === 'choice' && choices && !choices.includes(value))
    return `Choose one of: ${choices.join(', ')}.`;
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
