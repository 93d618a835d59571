import type { GrantFacts } from '../core/grantFacts.ts';
import type { Held, Identity } from '../platforms/kit/adapter.ts';
import type { Adoption } from './adoptGrant.ts';
import { askProbe } from './askProbe.ts';
import type { Context } from './context.ts';
import { Problem } from './errors.ts';
import { freshFacts } from './freshFacts.ts';
import { type ListedAccount, readInventory } from './inventory.ts';
import { diagnoseFor } from './openGrant.ts';
import { whyRefused } from './refusedAtConnect.ts';

interface Proof {
  /** Null: the platform did not list them just now. */
  readonly accounts: readonly ListedAccount[] | null;
  /** What the probe learned, as every later probe does. */
  readonly extra: GrantFacts['extra'];
}

/** A credential that the platform itself refuses is not stored: throws {@link Problem} `connect_failed`. */
export async function proveAtConnect(
  ctx: Context,
  { open, issued, scopes }: Adoption,
  identity: Identity | null,
): Promise<Proof> {
  const facts = freshFacts(ctx, open, issued, scopes, null, issued.secrets);
  const held: Held = { secrets: issued.secrets, facts, identity };
  const result = await askProbe(open, held);
  if (result.verdict === 'dead') {
    const diagnosis = diagnoseFor(open, held, result.answer);
    throw new Problem('connect_failed', whyRefused(open, diagnosis), {
      cause: diagnosis.cause,
      platform_code: diagnosis.words.code,
      platform_message: diagnosis.words.message,
    });
  }
  const extra = result.verdict === 'alive' ? (result.facts?.extra ?? {}) : {};
  return { accounts: (await readInventory({ ...open, held })).accounts, extra };
}
