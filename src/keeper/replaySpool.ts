import { LEASE_MS } from '../app/attempt.ts';
import type { Spool, Spooled } from '../app/committer.ts';
import type { House } from '../app/context.ts';
import { giveBack } from '../app/lapse.ts';
import { move } from '../app/moveGrant.ts';
import { isAway, refusesContents } from '../app/storeFaults.ts';
import type { GrantEvent } from '../core/grantState.ts';
import type { Instant } from '../core/instant.ts';
import type { GrantRecord } from '../store/records.ts';
import type { GrantOutcome } from '../store/store.ts';

/**
 * What became of a spooled outcome. `held`: somebody has the grant; try again later. `hopeless`: it can never be
 * written.
 */
type Fate = 'written' | 'outdated' | 'held' | 'hopeless';

/**
 * Brings spooled outcomes into the database. An outcome whose claim is over is still the newest credential there is, if
 * nobody stored a newer one: then it is written under a new claim. Older ones are dropped, never written. One that can
 * never be written is set aside; one that cannot be written yet stays on disk. Neither keeps another from it. While the
 * database is away it throws `StoreUnavailableError`, and everything stays where it is.
 */
export async function replaySpool(house: House, spool: Spool): Promise<number> {
  let replayed = 0;
  for (const spooled of await listed(house, spool)) {
    const fate = await replayOne(house, spooled);
    if (fate === 'held') continue;
    const settled = await settle(house, spool, spooled, fate).catch((error) =>
      sayOnce(
        house,
        spooled.name,
        'unmoved',
        { err: error },
        'A spooled outcome that is done with stays on disk',
      ),
    );
    if (settled !== 'unmoved' && fate !== 'hopeless') replayed += 1;
  }
  return replayed;
}

/** A folder that cannot be read keeps nobody from being renewed but by what is single use; what lies in it is tried at the next round. */
async function listed(house: House, spool: Spool): Promise<readonly Spooled[]> {
  try {
    return await spool.all();
  } catch (error) {
    sayOnce(
      house,
      '',
      'unread',
      { err: error },
      'The folder of spooled outcomes cannot be read; it is tried again',
    );
    return [];
  }
}

async function replayOne(house: House, { name, outcome, unread }: Spooled): Promise<Fate> {
  if (unread !== undefined) {
    const said =
      'A spooled outcome cannot be read. It is kept and tried again: see to the disk, or to the file’s permissions';
    sayOnce(house, name, 'unread', { file: name, code: unread }, said);
    return 'held';
  }
  if (outcome === null) return 'hopeless';
  try {
    return await write(house, outcome);
  } catch (error) {
    if (isAway(error)) throw error;
    const { id } = outcome.grant;
    const hopeless = refusesContents(error);
    if (!hopeless)
      house.log.warn({ grant: id, file: name, err: error }, 'A spooled outcome cannot be written yet');
    return hopeless ? 'hopeless' : 'held';
  }
}

const SAID = new WeakMap<House, Set<string>>();

/** Rounds follow each other within moments: a trouble that lasts is logged and counted when it begins. */
function sayOnce<R extends 'unread' | 'unmoved'>(
  house: House,
  name: string,
  result: R,
  fields: object,
  message: string,
): R {
  const said = SAID.get(house) ?? new Set<string>();
  SAID.set(house, said);
  if (said.has(`${result} ${name}`)) return result;
  said.add(`${result} ${name}`);
  house.meter.count('spool_replays', { result });
  house.log.error(fields, message);
  return result;
}

/** Outdated or not is decided first: what nobody needs any more is not worth an attempt. */
async function write(house: House, outcome: GrantOutcome): Promise<Fate> {
  const { grant } = outcome;
  const current = await house.store.getGrant(grant.workspaceId, grant.id);
  if (!current) return 'hopeless';
  if (current.epoch === grant.epoch && current.leaseOwner !== null) {
    const [stood] = await house.store.applyOutcomes([outcome]);
    return stood ? 'written' : 'held';
  }
  return isOutdated(outcome, current) ? 'outdated' : writeUnderNewClaim(house, outcome);
}

/**
 * What was disconnected meanwhile stays so. What a person gave last counts, whatever else was renewed meanwhile: who
 * gave it took the credential on record for the newest. Of one authorization the later credential counts.
 */
function isOutdated({ grant }: GrantOutcome, current: GrantRecord): boolean {
  if (current.state === 'revoked') return true;
  const later = grant.facts.consentedAt - current.facts.consentedAt;
  return later === 0 ? current.credentialVersion >= grant.credentialVersion : later < 0;
}

async function writeUnderNewClaim(house: House, outcome: GrantOutcome): Promise<Fate> {
  const { grant } = outcome;
  const claim = { now: house.now(), owner: `${house.nodeId}:replay`, leaseMs: LEASE_MS };
  const claimed = await house.store.claimGrant(grant.workspaceId, grant.id, claim);
  if (!claimed) return 'held';
  if (isOutdated(outcome, claimed)) {
    await giveBack(house, [claimed], null);
    return 'outdated';
  }
  try {
    const [stood] = await house.store.applyOutcomes([after(claimed, outcome, house.now())]);
    return stood ? 'written' : 'held';
  } catch (error) {
    await giveBack(house, [claimed], null);
    throw error;
  }
}

/**
 * The outcome as it follows on what is on record. Until now nobody had anything of it, and others went on with the older
 * credential: what they made of the state is undone on record, or stays where a renewal proves nothing of it; what they
 * reminded of is not told again. A death that they saw is asked about at once. A mark that was set
 * before the renewal is as that left it, unless others lifted it meanwhile.
 */
function after(claimed: GrantRecord, outcome: GrantOutcome, now: Instant): GrantOutcome {
  const { grant } = outcome;
  const { state, cause, stateSince, evidence, epoch, reminded } = claimed;
  const credentialVersion = Math.max(grant.credentialVersion, claimed.credentialVersion + 1);
  const standing = { ...grant, epoch, credentialVersion, reminded, state, cause, stateSince, evidence };
  const byPerson = grant.facts.consentedAt > claimed.facts.consentedAt;
  const stays = !byPerson && stateSince > (grant.lastAttemptAt ?? 0) && isAboutMark(claimed, grant);
  const moved = stays
    ? { grant: standing, activity: [] }
    : move({ grant: standing, now, actor: 'keeper' }, eventOf(grant, byPerson), grant.cause, grant.evidence);
  const isDoubted = !byPerson && (state === 'suspect' || state === 'expired');
  const rest = outcome.activity.filter(({ action }) => action !== `grant.${grant.state}`);
  return {
    ...outcome,
    grant: isDoubted ? { ...moved.grant, dueAt: now, dueReason: 'probe' } : moved.grant,
    activity: [...rest, ...moved.activity],
    ...(outcome.closeOutageAt === undefined ? {} : { closeOutageAt: now }),
  };
}

/** Whether they differ in a mark that no renewal sets or lifts: what is missing in the scopes stands in its answer. */
function isAboutMark({ state }: GrantRecord, { state: renewed, cause }: GrantRecord): boolean {
  if (state === 'degraded') return renewed === 'active';
  return state === 'active' && renewed === 'degraded' && cause !== 'permission_missing';
}

/** What brought a newer credential: nothing else is written under a new claim. */
function eventOf({ state }: GrantRecord, byPerson: boolean): GrantEvent {
  if (state === 'active') return byPerson ? 'authorized' : 'proven';
  return byPerson ? 'authorized_in_part' : 'limited';
}

async function settle(
  house: House,
  spool: Spool,
  { name, outcome }: Spooled,
  fate: Exclude<Fate, 'held'>,
): Promise<void> {
  const grant = outcome?.grant.id ?? null;
  if (fate === 'hopeless') {
    const file = await spool.setAside(name);
    house.meter.count('spool_replays', { result: 'set_aside' });
    house.log.error(
      { grant, file },
      'A spooled outcome can never be written: it cannot be read, or its grant is gone. It was set aside; look at it, then delete it',
    );
    return;
  }
  await spool.drop(name);
  house.meter.count('spool_replays', { result: fate });
  const said =
    fate === 'written'
      ? 'A spooled outcome is back in the database'
      : 'A spooled outcome was outdated and is dropped';
  house.log.info({ grant }, said);
}
