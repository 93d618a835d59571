import { deadlinesOf } from '../core/deadline.ts';
import type { Instant } from '../core/instant.ts';
import type { GrantRecord } from '../store/records.ts';
import type { Page } from '../store/store.ts';
import type { Context } from './context.ts';
import { pages } from './pages.ts';
import { methodOf, platformOf } from './startConnect.ts';

/** Something that is still to come for a grant. */
export interface Coming {
  readonly at: Instant;
  readonly grantId: string;
  readonly platform: string;
}

/** The next renewal, and the next moment that only a person can put off, of the workspace's living grants; null: none. */
export async function whatIsNext(ctx: Context) {
  const now = ctx.house.now();
  let renewal: Coming | null = null;
  let deadline: Coming | null = null;
  for await (const grant of livingGrants(ctx)) {
    const { cadence } = methodOf(await platformOf(ctx, grant.platform), grant.method);
    const end = deadlinesOf(cadence, grant.facts).find((one) => one.at > now);
    renewal = sooner(renewal, grant, renewalAfter(grant, now));
    deadline = sooner(deadline, grant, end?.at ?? null);
  }
  return { renewal, deadline };
}

async function* livingGrants({ house, workspaceId }: Context): AsyncGenerator<GrantRecord> {
  const list = pages(
    (page: Page) => house.store.listGrants(workspaceId, {}, page),
    ({ id }) => id,
  );
  for await (const grants of list)
    yield* grants.filter(({ state }) => state !== 'expired' && state !== 'revoked');
}

/** Of one whose renewal was not possible in time: when it is tried again. */
function renewalAfter({ renewAt, dueAt }: GrantRecord, now: Instant): Instant | null {
  if (renewAt === null || renewAt > now) return renewAt;
  return dueAt !== null && dueAt > now ? dueAt : null;
}

function sooner(known: Coming | null, grant: GrantRecord, at: Instant | null): Coming | null {
  if (at === null || (known !== null && known.at <= at)) return known;
  return { at, grantId: grant.id, platform: grant.platform };
}
