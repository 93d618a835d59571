import { sql } from 'kysely';
import type { Db } from './schema.ts';

/** So much is written to the log before the next upkeep: some thousand renewals. */
export const UPKEEP_AFTER_BYTES = 32 * 1_024 * 1_024;

/** Log files are kept for reuse within these bounds; the server's own would be 80 MB and 1 GB. */
export const LOG_BOUNDS = ['-c', 'min_wal_size=32MB', '-c', 'max_wal_size=64MB'];

/**
 * What a PostgreSQL server does beside its work, and the embedded engine has no process for: makes the room of old rows
 * usable again, and ends the log of what is in its place already. Without it both grow for as long as the process lives, and
 * the start after a kill reads all of that log. The first call does it, and each once {@link UPKEEP_AFTER_BYTES} were written
 * since. Outside transactions.
 */
export function upkeepOf(db: Db): () => Promise<void> {
  let wasDone = false;
  return async () => {
    if (wasDone && (await bytesLogged(db)) < UPKEEP_AFTER_BYTES) return;
    await sql`vacuum`.execute(db);
    await sql`checkpoint`.execute(db);
    wasDone = true;
  };
}

/** Since the last checkpoint. */
async function bytesLogged(db: Db): Promise<number> {
  const { rows } = await sql<{ readonly bytes: number }>`
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::bigint as bytes from pg_control_checkpoint()
  `.execute(db);
  return rows[0]!.bytes;
}
