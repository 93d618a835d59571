import { connectFields } from './connectFields.ts';
import type { Context } from './context.ts';
import { getConnection } from './manageConnections.ts';
import { chooseForConnect, type StartConnectInput } from './startConnect.ts';

export interface CreateConnectionInput
  extends Pick<StartConnectInput, 'clientId' | 'platform' | 'appId' | 'method' | 'name'> {
  /** What the method asks for, by field id. Proven at the platform, then sealed. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Connects without a page, by fields: for methods that take a token, a login or a key. */
export async function createConnection(ctx: Context, input: CreateConnectionInput) {
  const chosen = await chooseForConnect(ctx, input);
  const { connection } = await connectFields(
    ctx,
    { ...chosen, allowOtherIdentity: false, before: null },
    input.fields,
  );
  return getConnection(ctx, connection.id);
}
