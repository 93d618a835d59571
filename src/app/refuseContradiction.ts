import type { Context } from './context.ts';
import { Problem } from './errors.ts';

/** What something that is there already has settled, under the names that callers give. */
export interface Settled {
  readonly client_id?: string;
  readonly platform: string;
  readonly app_id: string;
  readonly method: string;
  readonly name?: string;
}

type Wishes = { readonly [Member in keyof Settled]?: string | undefined };

/**
 * What is settled already, and is wished otherwise, must not go unheard: whoever asks for another client's link would send it to the wrong people.
 * What agrees is taken. Throws {@link Problem} `invalid_request` naming each member that differs.
 */
export async function refuseContradiction(
  { house, workspaceId }: Context,
  by: 'connection_id' | 'grant_id',
  settled: Settled,
  wishes: Wishes,
): Promise<void> {
  const errors: Record<string, string> = {};
  for (const [member, wish] of Object.entries(wishes)) {
    const stands = settled[member as keyof Settled];
    if (wish === undefined || stands === undefined || wish === stands) continue;
    if (member === 'platform' && (await house.registry.find(workspaceId, wish))?.profile.id === stands)
      continue;
    errors[member] = `${by} settles it, as “${stands}”. Leave it out, or leave ${by} out.`;
  }
  const said = Object.entries(errors).map(([member, sentence]) => `${member}: ${sentence}`);
  if (said.length > 0) throw new Problem('invalid_request', said.join(' '), { errors });
}
