import { valueOr } from '../../core/fact.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/instant.ts';
import { again, any, between, later } from './chance.ts';
import type { Door, Liar } from './liar.ts';
import type { Town } from './town.ts';
import type { World } from './world.ts';

const DOORS: readonly Door[] = ['renewals', 'uses'];
const DEFAULT_WINDOW_SECONDS = 300;
const SHORTEST_LIE_MS = 20 * SECOND_MS;
/** Nothing that was under suspicion before may be asked again in the middle of a lie. */
const CALM_BEFORE_MS = 6 * HOUR_MS;

/**
 * Platforms deny what they have issued, for less time than lies between a first refusal and the second try that confirms
 * it: so much is promised. A lie that outlasts this window, at both doors, or to processes whose clocks are apart by as
 * much as the window, is taken for the truth: many deaths of one app at once are a matter of incidents, which are not
 * built yet.
 */
export function letPlatformsLie(world: World, town: Town): void {
  for (const simulator of town.simulators)
    again(world, world.drawn.lies, () => void lie(world, town, simulator));
}

async function lie(world: World, town: Town, simulator: Liar): Promise<void> {
  const now = world.clock.now();
  const windowMs = await shortestWindowMs(world, town, simulator);
  const longestMs = windowMs - clocksApartMs(world) - MINUTE_MS;
  const wasCalm = world.hindrances.hinderedMs(world.inTheWayOf(simulator), now - CALM_BEFORE_MS, now) === 0;
  if (longestMs < SHORTEST_LIE_MS || !wasCalm || simulator.denies !== null) return;
  const milliseconds = between(world, SHORTEST_LIE_MS, longestMs);
  simulator.denies = any(world, DOORS)!;
  world.befell(`denied ${simulator.denies}`);
  world.hinder(simulator, milliseconds, 2 * HOUR_MS);
  world.means('transient', simulator, milliseconds);
  world.clocksStandUntil = now + milliseconds + 2 * windowMs;
  later(world, milliseconds, () => {
    simulator.denies = null;
  });
}

/** How far the clocks of the processes are apart at the moment. */
export function clocksApartMs({ processes }: World): number {
  const skews = processes.map(({ skewMs }) => skewMs);
  return Math.max(...skews) - Math.min(...skews);
}

async function shortestWindowMs(world: World, town: Town, simulator: Liar): Promise<number> {
  const windows: number[] = [];
  for (const id of simulator.platforms) {
    const platform = await world.god.registry.find(town.workspaceId, id);
    for (const { cadence } of platform?.profile.methods ?? [])
      windows.push(valueOr(cadence.confirmAfterSeconds, DEFAULT_WINDOW_SECONDS));
  }
  return Math.min(...windows) * SECOND_MS;
}
