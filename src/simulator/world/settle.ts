import type { Platform } from '../../platforms/kit/platform.ts';
import type { Way } from './callers.ts';
import type { SimProcess } from './process.ts';
import type { Town } from './town.ts';
import type { Visit } from './visit.ts';
import type { World } from './world.ts';

/** One place in a town where a grant can be: a person at a platform. */
interface Place extends Visit {
  readonly town: Town;
}

/** All places of a world, in the order in which they are taken. */
export function drawnPlaces(world: World, platforms: readonly Platform[]): readonly Place[] {
  const places = world.towns.flatMap((town) =>
    platforms.flatMap((platform) => placesAt(platform, town).map((visit) => ({ ...visit, town }))),
  );
  return shuffled(places, world.random);
}

export interface SettleOptions {
  /** Which places are taken. Default: any. */
  readonly wants?: (visit: Visit) => boolean;
  /** How the service is asked for everything. Default: as drawn. */
  readonly way?: Way;
}

/**
 * Connects until there are so many grants, platforms mixed. Returns how many there are: fewer where the towns have not
 * so many people. Happens before anything goes wrong.
 */
export async function settleTowns(
  world: World,
  wanted: number,
  { wants = () => true, way }: SettleOptions = {},
): Promise<number> {
  const [process] = world.processes;
  if (!process?.house) throw new Error('No process runs.');
  const platforms = await world.god.registry.all(world.towns[0]!.workspaceId);
  const houses = new Map<Town, TownIds>();
  for (const town of world.towns) houses.set(town, await setUp(world, process, town, platforms, way));
  const grants = new Set<string>();
  for (const { town, ...visit } of drawnPlaces(world, platforms)) {
    if (grants.size >= wanted) break;
    if (!wants(visit)) continue;
    const { clientId, apps } = houses.get(town)!;
    const input = { clientId, appId: apps.get(visit.platform)!, method: visit.method };
    const made = await inVirtualTime(world, () => world.callers.connect(process, town, visit, input, way));
    const view = made && (await world.god.store.getConnection(town.workspaceId, made));
    if (view) grants.add(view.grant.id);
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

interface TownIds {
  readonly clientId: string;
  /** By platform. */
  readonly apps: ReadonlyMap<string, string>;
}

/** The operator's part: a client, and the app of each platform. */
async function setUp(
  { callers }: World,
  process: SimProcess,
  town: Town,
  platforms: readonly Platform[],
  way: Way | undefined,
): Promise<TownIds> {
  const clientId = await callers.createClient(process, town, `Client of ${town.name}`, way);
  const apps = new Map<string, string>();
  for (const { profile } of platforms)
    apps.set(profile.id, await callers.createApp(process, town, profile.id, way));
  return { clientId, apps };
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
