import { LEASE_MS } from '../app/attempt.ts';
import type { Spool } from '../app/committer.ts';
import type { House } from '../app/context.ts';

/**
 * Brings spooled outcomes into the database. An outcome whose claim is over is still the newest credential there is, if
 * nobody stored a newer one: then it is written under a new claim. Older ones are dropped, never written.
 */
export async function replaySpool(house: House, spool: Spool): Promise<number> {
  let replayed = 0;
  for (const { name, outcome } of await spool.all()) {
    const [stood] = await house.store.applyOutcomes([outcome]);
    if (!stood && !(await writeUnderNewClaim(house, outcome))) continue;
    await spool.drop(name);
    replayed += 1;
    house.log.info({ grant: outcome.grant.id }, 'A spooled outcome is back in the database');
  }
  return replayed;
}

/** True when it is settled: written, or outdated. False: somebody holds the grant; try again later. */
async function writeUnderNewClaim(house: House, outcome: Parameters<Spool['put']>[0]): Promise<boolean> {
  const { grant } = outcome;
  const current = await house.store.getGrant(grant.workspaceId, grant.id);
  if (!current || current.credentialVersion >= grant.credentialVersion) return true;
  const claim = { now: house.now(), owner: `${house.nodeId}:replay`, leaseMs: LEASE_MS };
  const claimed = await house.store.claimGrant(grant.workspaceId, grant.id, claim);
  if (!claimed) return false;
  const renewed = { ...outcome, grant: { ...grant, epoch: claimed.epoch } };
  const [stood] = await house.store.applyOutcomes([renewed]);
  return stood === true;
}
