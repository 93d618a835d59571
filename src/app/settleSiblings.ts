import type { ConnectionRecord, GrantRecord } from '../store/records.ts';
import type { ConnectionView, Page } from '../store/store.ts';
import { type Inventory, lossIn, lossRows } from './accountLoss.ts';
import type { Adopted } from './adoptGrant.ts';
import type { Context } from './context.ts';
import { type ListedAccount, reachedOf, refreshed } from './inventory.ts';
import { pages } from './pages.ts';

/**
 * Where a consent page asks which ad accounts to open, whoever signs in for one connection decides for all that rest on
 * the grant: what the others lack since then is put on record, and lifted where it was ticked again. The sign-in stands
 * whatever comes of this: what is not put on record here shows when their accounts are read again. Never throws.
 */
export async function settleSiblings(
  ctx: Context,
  adopted: Adopted,
  accounts: readonly ListedAccount[],
): Promise<void> {
  await settleAll(ctx, adopted, accounts).catch((error) => {
    ctx.house.log.warn(
      { grant: adopted.grant.id, err: error },
      'What other connections on a grant lack since a sign-in could not be put on record',
    );
  });
}

async function settleAll(
  ctx: Context,
  { connection, grant }: Adopted,
  accounts: readonly ListedAccount[],
): Promise<void> {
  const { house, workspaceId } = ctx;
  const filter = { grantId: grant.id, status: 'connected' } as const;
  const read = (page: Page) => house.store.listConnections(workspaceId, filter, page);
  for await (const views of pages(read, (view: ConnectionView) => view.connection.id))
    for (const { connection: sibling } of views)
      if (sibling.id !== connection.id) await settle(ctx, sibling.id, grant, accounts);
}

/** What its own calls lost is not lifted by a list: that stays with its own inventory. That it reaches none is no call's. */
function isConcerned({ accounts, loss }: ConnectionRecord, listed: readonly ListedAccount[]): boolean {
  const lacks = refreshed(accounts, listed).some(({ status }) => status === 'unreachable');
  if (lacks || loss?.cause === 'not_provisioned') return true;
  return loss?.cause === 'account_access_removed' && loss.atSignIn !== undefined;
}

/** Judged under the lock alone: somebody who signed in meanwhile decides, and has it put on record in turn. */
async function settle(
  { house, workspaceId, actor }: Context,
  id: string,
  signedIn: GrantRecord,
  listed: readonly ListedAccount[],
): Promise<void> {
  await house.store.transaction(async (store) => {
    const before = await store.lockConnection(workspaceId, id);
    if (before?.status !== 'connected' || before.grantId !== signedIn.id) return;
    const grant = await store.getGrant(workspaceId, signedIn.id);
    const isNewest = grant?.facts.consentedAt === signedIn.facts.consentedAt;
    if (!isNewest || !isConcerned(before, listed)) return;
    const now = house.now();
    const accounts = refreshed(before.accounts, listed);
    const inventory: Inventory = {
      accounts,
      reachable: reachedOf(accounts, listed),
      now,
      asksForAccounts: true,
    };
    const record = { ...before, accounts, loss: lossIn(inventory, before.loss) };
    await store.updateConnection(record);
    await store.appendActivity(lossRows(record, before.loss, now, actor));
  });
}
