import { IS_KEPT } from '../core/grantState.ts';
import type { Instant } from '../core/instant.ts';
import { accessWorks } from '../core/outage.ts';
import type { AppRecord, GrantRecord } from '../store/records.ts';
import type { ConnectionKey } from '../store/store.ts';
import { LOOK_EVERY_MS, lossIn, lossRows } from './accountLoss.ts';
import type { House } from './context.ts';
import { leftAlone } from './held.ts';
import { type ListedAccount, reachedOf, readInventory, refreshed } from './inventory.ts';
import { lookBy } from './lookBy.ts';
import { openApp, openGrant } from './openGrant.ts';

const AT_ONCE = 20;

interface Round {
  readonly house: House;
  /** Whether an app's budget has room for one more; it is spent then. */
  readonly mayAsk: (app: AppRecord) => boolean;
  /** Apps whose platform said nothing in this round: the rest of theirs waits for its next turn. */
  readonly silent: Set<string>;
  /** When those that are looked at now have their next turn. */
  readonly again: Instant;
}

/**
 * Reads the ad accounts of connections that lack some again, each once an hour over all processes, and lifts a loss that
 * is over. Connections on one grant share one list. What cannot be asked now has its next turn an hour later.
 */
export async function lookAtLosses(house: House, mayAsk: Round['mayAsk']): Promise<void> {
  const silent = new Set<string>();
  for (;;) {
    const now = house.now();
    const again = now + LOOK_EVERY_MS;
    const due = await house.store.claimLooks({ now, again, limit: AT_ONCE });
    const round = { house, mayAsk, silent, again };
    const ofGrants = Map.groupBy(due, ({ workspaceId, grantId }) => `${workspaceId} ${grantId}`);
    await Promise.all(
      [...ofGrants.values()].map((keys) =>
        look(round, keys).catch((error) =>
          house.log.warn(
            { grant: keys[0]?.grantId, err: error },
            'Lost ad accounts could not be looked at again',
          ),
        ),
      ),
    );
    if (due.length < AT_ONCE) return;
  }
}

async function look(round: Round, keys: readonly ConnectionKey[]): Promise<void> {
  const { house, silent } = round;
  const { workspaceId, grantId } = keys[0]!;
  const grant = await house.store.getGrant(workspaceId, grantId);
  const app = grant && (await house.store.getApp(workspaceId, grant.appId));
  if (!grant || !app || !(await canBeAsked(round, grant, app))) return;
  const opened = await openApp(house, app, grant.method);
  const { accounts, diagnosis } = await readInventory(await openGrant(house, opened, grant));
  if (diagnosis?.status === null) silent.add(app.id);
  // It speaks of the grant: the keeper asks in its own way.
  if (diagnosis?.reach === 'grant') await lookBy(house, grant, house.now());
  if (!accounts) return;
  for (const key of keys) await settleLook(round, key, accounts);
}

/** A platform that lists no accounts would disprove nothing; one that refuses the app is left alone. */
async function canBeAsked(
  { house, mayAsk, silent }: Round,
  grant: GrantRecord,
  app: AppRecord,
): Promise<boolean> {
  const now = house.now();
  if (!IS_KEPT[grant.state] || !accessWorks(grant.facts, now)) return false;
  if (leftAlone(app, now) || silent.has(app.id)) return false;
  const platform = await house.registry.find(grant.workspaceId, grant.platform);
  return platform !== null && platform.profile.listsAccounts !== false && mayAsk(app);
}

/** A loss that was reported or read meanwhile has a turn of its own, and stays. */
async function settleLook(
  { house, again }: Round,
  { workspaceId, id, grantId }: ConnectionKey,
  listed: readonly ListedAccount[],
): Promise<void> {
  await house.store.transaction(async (store) => {
    const before = await store.lockConnection(workspaceId, id);
    if (before?.status !== 'connected' || before.grantId !== grantId) return;
    if (before.loss?.lookAt !== Math.trunc(again)) return;
    const accounts = refreshed(before.accounts, listed);
    const inventory = { accounts, reachable: reachedOf(accounts, listed), now: house.now() };
    const record = { ...before, accounts, loss: lossIn(inventory, before.loss) };
    await store.updateConnection(record);
    await store.appendActivity(lossRows(record, before.loss, house.now(), 'keeper'));
  });
}
