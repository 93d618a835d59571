import type { Instant } from '../core/instant.ts';
import type { Db } from './schema.ts';
import { moment } from './values.ts';

/** Runs inside a transaction of the caller. */
export async function sweep(db: Db, before: Instant, keysBefore: Instant): Promise<void> {
  const limit = moment(before);
  await db
    .deleteFrom('authorizationAttempts')
    .where(({ or, eb }) => or([eb('usedAt', '<', limit), eb('expiresAt', '<', limit)]))
    .execute();
  await db
    .deleteFrom('connectSessions')
    .where(({ or, eb }) => or([eb('finishedAt', '<', limit), eb('expiresAt', '<', limit)]))
    .execute();
  await db.deleteFrom('idempotency').where('createdAt', '<', moment(keysBefore)).execute();
}
