import { createApp } from '../../app/manageApps.ts';
import { createClient } from '../../app/manageClients.ts';
import type { Platform } from '../../platforms/kit/platform.ts';
import type { Town } from './town.ts';
import { connectAs, type Visit } from './visit.ts';
import type { World } from './world.ts';

/** One place in a town where a grant can be: a person at a platform. */
interface Place extends Visit {
  readonly town: Town;
  readonly clientId: string;
  readonly appId: string;
}

/**
 * Connects until there are so many grants, platforms mixed. Returns how many there are: fewer where the towns have not
 * so many people. Happens before anything goes wrong.
 *
 * @param wants Which places are taken. Default: any.
 */
export async function settleTowns(
  world: World,
  wanted: number,
  wants: (visit: Visit) => boolean = () => true,
): Promise<number> {
  const places: Place[] = [];
  for (const town of world.towns) places.push(...(await placesIn(world, town)));
  const process = world.processes[0]?.house;
  if (!process) throw new Error('No process runs.');
  const grants = new Set<string>();
  for (const { town, clientId, appId, ...visit } of shuffled(places, world.random)) {
    if (grants.size >= wanted) break;
    if (!wants(visit)) continue;
    const ctx = world.contextIn(process, town);
    const input = { clientId, appId, method: visit.method };
    const made = await inVirtualTime(world, () => connectAs(ctx, town, visit, input));
    if (made !== null) grants.add(made.grant.id);
  }
  return grants.size;
}

/** Lets time pass until the work is done; null: it failed, as some do (a robot cannot sign in like a person). */
export async function inVirtualTime<T>(world: World, work: () => Promise<T>): Promise<T | null> {
  let over = false;
  const result = work()
    .catch((error) => {
      world.isLife(error);
      return null;
    })
    .finally(() => {
      over = true;
    });
  while (!over) await world.clock.runUntil(world.clock.now() + 1_000);
  return result;
}

async function placesIn(world: World, town: Town): Promise<Place[]> {
  const { god } = world;
  const ctx = world.contextIn(god, town);
  const { id: clientId } = await createClient(ctx, { name: `Client of ${town.name}` });
  const places: Place[] = [];
  for (const platform of await god.registry.all(town.workspaceId)) {
    const simulator = town.simulatorOf(platform.profile.id);
    const app = await createApp(ctx, {
      platform: platform.profile.id,
      environment: 'sandbox',
      ...simulator.app(platform.profile.id),
    });
    places.push(...placesAt(platform, town).map((visit) => ({ ...visit, town, clientId, appId: app.id })));
  }
  return places;
}

function placesAt({ profile }: Platform, town: Town): Visit[] {
  const { people } = town.simulatorOf(profile.id);
  return profile.methods.flatMap(({ id, kind, cadence }) => {
    // One key of a kind is enough for all towns: each signature costs as much as everything else that a renewal does.
    const signs = cadence.mechanism.value === 'jwt_bearer';
    const few = town.isFirst ? people.slice(0, 1) : [];
    return (signs ? few : people).map((person) => ({
      platform: profile.id,
      method: id,
      kind,
      person: person.id,
    }));
  });
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
