import { createSecretKey, type KeyObject } from 'node:crypto';
import pg from 'pg';
import { strongBytes } from '../src/main.ts';
import { decrypt, encrypt, KEY_BYTES } from '../src/vault/seal.ts';
import type { Cleanup } from './cleanup.ts';

const BATCH = 500;
/** Above so many under way nothing more is claimed. */
const MOST_UNDER_WAY = 500;
const LEASE_MS = 120_000;

interface Claimed {
  readonly id: string;
  readonly epoch: string;
  readonly refresh: string;
}

interface Written {
  readonly id: string;
  readonly epoch: string;
  readonly access: string;
  readonly expiresAt: number;
}

/** What a grant's credential is made of, and the call that renews it. */
export interface PrototypeParts {
  readonly databaseUrl: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Sends the refresh token; resolves to the answer's body. */
  readonly call: (refreshToken: string) => Promise<string>;
}

/**
 * The least that can be called a keeper: one narrow table, claims of 500 with lease and epoch, the refresh token opened, the
 * access token sealed, and outcomes written in groups. No log, no diagnosis, no plan, no budget, no spool. How close it
 * comes to the bare calls says how close anything can. Resolves to a function that renews at least so many and says how many.
 */
export async function startPrototype(
  parts: PrototypeParts,
  count: number,
  cleanup: Cleanup,
): Promise<(wanted: number) => Promise<number>> {
  const pool = new pg.Pool({ connectionString: parts.databaseUrl, max: 4 });
  cleanup.add(() => pool.end());
  const key = createSecretKey(strongBytes(KEY_BYTES));
  await insertAll(pool, key, parts, count);
  const commit = groupedWrites(pool);
  const renew = async ({ id, epoch, refresh }: Claimed): Promise<void> => {
    const answer = JSON.parse(await parts.call(decrypt(key, [id], refresh).toString('utf8')));
    const expiresAt = Date.now() + answer.expires_in * 1_000;
    await commit({ id, epoch, access: seal(key, id, answer.access_token), expiresAt });
  };
  return (wanted) => renewAtLeast(pool, wanted, renew);
}

async function insertAll(pool: pg.Pool, key: KeyObject, parts: PrototypeParts, count: number): Promise<void> {
  await pool.query(`create table prototype_grants (
    id text primary key, due_at bigint not null, lease_owner text, lease_until bigint, epoch bigint not null,
    access text not null, refresh text not null) with (fillfactor = 70)`);
  await pool.query('create index on prototype_grants (due_at)');
  for (let done = 0; done < count; done += BATCH) {
    const ids = Array.from({ length: BATCH }, (_, index) => `grt_${String(done + index).padStart(26, '0')}`);
    const access = ids.map((id) => seal(key, id, parts.accessToken));
    const refresh = ids.map((id) => seal(key, id, parts.refreshToken));
    await pool.query(
      `insert into prototype_grants select id, 0, null, null, 0, access, refresh
       from unnest($1::text[], $2::text[], $3::text[]) as new(id, access, refresh)`,
      [ids, access, refresh],
    );
  }
  await pool.query('vacuum (analyze) prototype_grants');
  await pool.query('checkpoint');
}

async function renewAtLeast(
  pool: pg.Pool,
  wanted: number,
  renew: (claimed: Claimed) => Promise<void>,
): Promise<number> {
  const renewals: Promise<void>[] = [];
  let underWay = 0;
  let wake: () => void = () => undefined;
  const one = async (claimed: Claimed): Promise<void> => {
    underWay += 1;
    await renew(claimed);
    underWay -= 1;
    if (underWay <= MOST_UNDER_WAY) wake();
  };
  while (renewals.length < wanted) {
    const claimed = await claim(pool);
    if (claimed.length === 0) throw new Error('The prototype has fewer due grants than were to be renewed.');
    renewals.push(...claimed.map(one));
    if (underWay > MOST_UNDER_WAY) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  await Promise.all(renewals);
  return renewals.length;
}

async function claim(pool: pg.Pool): Promise<Claimed[]> {
  const now = Date.now();
  const { rows } = await pool.query<Claimed>(
    `update prototype_grants set lease_owner = 'prototype', lease_until = $1, epoch = epoch + 1
     where id in (
       select id from prototype_grants where due_at <= $2 and (lease_until is null or lease_until < $2)
       order by due_at limit ${BATCH} for update skip locked
     ) returning id, epoch, refresh`,
    [now + LEASE_MS, now],
  );
  return rows;
}

/** Writes what has come together, at most two groups at a time. */
function groupedWrites(pool: pg.Pool): (written: Written) => Promise<void> {
  const queue: { readonly written: Written; readonly done: () => void }[] = [];
  let writers = 0;
  const drain = async (): Promise<void> => {
    writers += 1;
    while (queue.length > 0) {
      const group = queue.splice(0, BATCH);
      const each = <T>(read: (written: Written) => T): T[] => group.map(({ written }) => read(written));
      const { rowCount } = await pool.query(
        `update prototype_grants as grants set access = new.access, due_at = new.expires_at, lease_owner = null, lease_until = null
         from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[]) as new(id, epoch, access, expires_at)
         where grants.id = new.id and grants.epoch = new.epoch and grants.lease_owner is not null`,
        [
          each(({ id }) => id),
          each(({ epoch }) => epoch),
          each(({ access }) => access),
          each(({ expiresAt }) => expiresAt),
        ],
      );
      if (rowCount !== group.length) throw new Error('The prototype lost a claim.');
      for (const { done } of group) done();
    }
    writers -= 1;
  };
  return (written) =>
    new Promise((done) => {
      queue.push({ written, done });
      if (writers < (queue.length < BATCH / 2 ? 1 : 2)) void drain();
    });
}

const seal = (key: KeyObject, id: string, text: string): string =>
  encrypt(key, [id], Buffer.from(text, 'utf8'), strongBytes);
