import { LEASE_MS } from '../app/attempt.ts';
import type { Spool } from '../app/committer.ts';
import type { House } from '../app/context.ts';

type Spooled = Awaited<ReturnType<Spool['all']>>[number];

/**
 * Brings spooled outcomes into the database. An outcome whose claim is over is still the newest credential there is, if
 * nobody stored a newer one: then it is written under a new claim. Older ones are dropped, never written. One that cannot
 * be written stays on disk and keeps no other from it.
 */
export async function replaySpool(house: House, spool: Spool): Promise<number> {
  let replayed = 0;
  for (const spooled of await spool.all()) {
    try {
      if (await replayOne(house, spool, spooled)) replayed += 1;
    } catch (error) {
      house.log.warn(
        { grant: spooled.outcome.grant.id, err: error },
        'A spooled outcome could not be brought back yet',
      );
    }
  }
  return replayed;
}

async function replayOne(house: House, spool: Spool, { name, outcome }: Spooled): Promise<boolean> {
  const [stood] = await house.store.applyOutcomes([outcome]);
  const settled = stood ? 'written' : await writeUnderNewClaim(house, outcome);
  if (settled === 'held') return false;
  await spool.drop(name);
  const said =
    settled === 'written'
      ? 'A spooled outcome is back in the database'
      : 'A spooled outcome was outdated and is dropped';
  house.log.info({ grant: outcome.grant.id }, said);
  return true;
}

/** `held`: somebody has the grant; try again later. What was disconnected meanwhile stays so. */
async function writeUnderNewClaim(
  house: House,
  outcome: Spooled['outcome'],
): Promise<'written' | 'outdated' | 'held'> {
  const { grant } = outcome;
  const outdated = (other: { state: string; credentialVersion: number }): boolean =>
    other.state === 'revoked' || other.credentialVersion >= grant.credentialVersion;
  const current = await house.store.getGrant(grant.workspaceId, grant.id);
  if (!current || outdated(current)) return 'outdated';
  const claim = { now: house.now(), owner: `${house.nodeId}:replay`, leaseMs: LEASE_MS };
  const claimed = await house.store.claimGrant(grant.workspaceId, grant.id, claim);
  if (!claimed) return 'held';
  if (outdated(claimed)) {
    await house.store.releaseGrants([claimed], null);
    return 'outdated';
  }
  const [stood] = await house.store.applyOutcomes([
    { ...outcome, grant: { ...grant, epoch: claimed.epoch } },
  ]);
  return stood ? 'written' : 'held';
}
