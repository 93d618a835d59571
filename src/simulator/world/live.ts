import { CHECKERS } from './checkers/index.ts';
import type { Plan } from './plan.ts';
import { type RunOptions, runWorld } from './run.ts';
import { storeOf } from './stores.ts';
import { type Summary, summarize } from './summary.ts';

/** What goes to a worker beside the plan. */
export interface LiveOptions {
  /** For a plan on PostgreSQL: an empty database. */
  readonly databaseUrl?: string | null;
  readonly stopEarly?: RunOptions['stopEarly'];
}

/** Lives through one world as planned, all checkers watching. How long it took is for whoever has a real clock to say (`timed`). */
export async function live(
  plan: Plan,
  { databaseUrl = null, ...options }: LiveOptions & Pick<RunOptions, 'progress' | 'drawn'> = {},
): Promise<Summary> {
  const openStore = storeOf(plan.store, databaseUrl);
  const result = await runWorld({ ...plan, ...options, checkers: CHECKERS, openStore });
  const summary = await summarize(plan, result);
  await result.world.god.store.close();
  return summary;
}
