import { CAUSES } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { AppRecord } from '../store/records.ts';
import type { ClaimedGrant } from '../store/store.ts';
import type { CommitResult } from './committer.ts';
import type { House } from './context.ts';
import { takeOver } from './lapse.ts';
import { settlePassing } from './settle.ts';
import { type Tended, tendGrant, type Wish } from './tendGrant.ts';

/** How long a claim holds. Four calls that each run into their timeout fit in; what takes longer is outrun, and kept aside. */
export const LEASE_MS = 120_000;

export interface Attempted extends Tended {
  readonly result: CommitResult;
}

/** Tends a claimed grant and puts the outcome on record. A fault of ours in one grant never reaches another. */
export async function attempt(
  house: House,
  claimed: ClaimedGrant,
  app: AppRecord,
  wish: Wish,
  actor: string,
): Promise<Attempted> {
  const tended = await tendSafely(house, claimed, app, wish, actor);
  const result = await house.committer.commit(tended.outcome);
  if (result === 'outrun' && tended.kind === 'renewed') await house.committer.keep(tended.outcome);
  await followBreaker(house, app, tended).catch((error) => {
    house.log.warn({ app: app.id, err: error }, 'An app’s breaker could not be put on record');
  });
  return { ...tended, result };
}

async function tendSafely(
  house: House,
  claimed: ClaimedGrant,
  app: AppRecord,
  wish: Wish,
  actor: string,
): Promise<Tended> {
  try {
    return await tendGrant(house, claimed, app, wish, actor);
  } catch (error) {
    house.log.error(
      { grant: claimed.id, platform: claimed.platform, err: error },
      'A grant could not be tended',
    );
    const platform = await house.registry.find(claimed.workspaceId, claimed.platform);
    const method = platform?.profile.methods.find((candidate) => candidate.id === claimed.method);
    if (!method) throw error;
    const diagnosis = ownFault(error);
    const grant = takeOver(claimed, house.now());
    const outcome = settlePassing({ grant, method, now: house.now(), actor }, diagnosis, true);
    return { outcome, kind: 'failed', diagnosis, issued: null };
  }
}

/** A fault in this program: passing for the grant, and never its own. The error's text stays in the log. */
function ownFault(error: unknown): Diagnosis {
  const { meaning, remedy } = CAUSES.unknown;
  return {
    cause: 'unknown',
    meaning: 'unknown_outcome',
    permanent: false,
    who: 'operator',
    reach: 'call',
    explanation: meaning,
    remedy,
    acceptableOthers: [],
    check: 'internal.exception',
    words: { code: error instanceof Error ? error.name : 'Error', message: null },
    endpoint: 'token',
    status: null,
    retryAfterSeconds: null,
  };
}

async function followBreaker(house: House, app: AppRecord, tended: Tended): Promise<void> {
  if (tended.kind === 'nothing') return;
  if (tended.diagnosis === null) {
    if (!house.breakers.succeeded(app, tended.kind === 'renewed')) return;
    await house.store.setBreaker(app.workspaceId, app.id, null);
    await house.store.hastenRetries(app.workspaceId, app.id, house.now());
    await house.store.appendActivity([breakerRow(house, app, 'app.recovered', {})]);
    return;
  }
  const breaker = house.breakers.failed(app, tended.diagnosis, house.now());
  if (breaker === undefined) return;
  await house.store.setBreaker(app.workspaceId, app.id, breaker);
  const { cause, check, openUntil } = breaker;
  const { words, remedy } = tended.diagnosis;
  if (app.breaker === null) {
    const detail = { cause, check, open_until: openUntil, code: words.code, message: words.message, remedy };
    await house.store.appendActivity([breakerRow(house, app, 'app.failing', detail)]);
  }
}

function breakerRow(house: House, app: AppRecord, action: string, detail: Record<string, unknown>) {
  return {
    workspaceId: app.workspaceId,
    at: house.now(),
    actor: 'keeper',
    action,
    subjects: [app.id],
    detail,
  };
}
