import type { ConnectSessionRecord, NewActivity } from '../store/records.ts';
import type { Context } from './context.ts';

/** What a connect session is about, for the activity log. */
export function subjectsOf(
  session: Pick<ConnectSessionRecord, 'id' | 'clientId' | 'connectionId'>,
): string[] {
  const { id, clientId, connectionId } = session;
  return [id, clientId, ...(connectionId === null ? [] : [connectionId])];
}

/** A row that says what happened to a connect session, by whom and when. Never its link. */
export function sessionRow(
  ctx: Context,
  action: string,
  subjects: readonly string[],
  detail: NewActivity['detail'],
): NewActivity {
  return { workspaceId: ctx.workspaceId, at: ctx.house.now(), actor: ctx.actor, action, subjects, detail };
}
