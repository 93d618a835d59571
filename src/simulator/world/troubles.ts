import { updateApp } from '../../app/manageApps.ts';
import { CAUSES } from '../../core/cause.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/instant.ts';
import type { SimBreak, Simulator } from '../../platforms/kit/simulator.ts';
import { again, any, between, later } from './chance.ts';
import type { Liar } from './liar.ts';
import { PASSING_CAUSES, PERSONAL_CAUSES } from './misfortunes.ts';
import type { Town } from './town.ts';
import type { World } from './world.ts';

/** What people and operators do beyond one grant, and what befalls them for a while. */
export function letPeopleBePeople(world: World, town: Town): void {
  const { drawn } = world;
  again(world, drawn.signOuts, () => signOutEverywhere(world, town));
  for (const simulator of town.simulators) {
    // As they are now: later one may be rotated.
    const secrets = new Map(simulator.platforms.map((id) => [id, simulator.app(id).clientSecret]));
    again(world, drawn.troubles, () => trouble(world, simulator));
    again(world, drawn.deeds, () => deed(world, town, simulator));
    again(world, drawn.wrongSecrets, () => void wrongSecret(world, town, simulator, secrets));
  }
}

/** One person loses everything that they authorized, at every platform at once: a stolen machine, a left company. */
function signOutEverywhere(world: World, town: Town): void {
  const place = Math.floor(world.random() * 3);
  world.befell('sign_out_everywhere');
  for (const simulator of town.simulators) {
    const person = simulator.people[place % simulator.people.length]!;
    for (const platform of simulator.platforms) {
      const ends = simulator
        .breaks(platform)
        .filter(({ truth, mend }) => PERSONAL_CAUSES.has(truth) && !mend);
      any(world, ends)?.apply({ identity: person.id });
    }
  }
}

/** A role that is lost, a security check, an account that is closed, a rule of the organization: and its return some days later. */
function trouble(world: World, simulator: Liar): void {
  const platform = any(world, simulator.platforms)!;
  const person = any(world, simulator.people)!;
  const passing = simulator
    .breaks(platform)
    .filter(({ truth, mend, shows }) => mend && PASSING_CAUSES.has(truth) && isTold(truth, shows));
  const one = any(world, passing);
  if (one === undefined) return;
  one.apply({ identity: person.id });
  world.befell(one.how);
  const milliseconds = between(world, HOUR_MS, 10 * DAY_MS);
  // Whatever else is wrong with the person's grants, that is what the platform says; the app may be left alone for it.
  if (one.shows === 'probe' && CAUSES[one.truth].reach !== 'grant')
    world.hinder(simulator.veil, milliseconds + HOUR_MS);
  later(world, milliseconds, () => one.mend?.({ identity: person.id }));
}

/** A renewal that is refused in part leaves a grant alive that cannot be renewed: of that the checkers could say nothing. */
function isTold(truth: SimBreak['truth'], shows: SimBreak['shows']): boolean {
  return shows !== 'renew' || CAUSES[truth].reach === 'grant';
}

/** What breaks nothing by itself: a person authorizes more often than the platform allows, an operator takes the app back to Testing. */
function deed(world: World, town: Town, simulator: Simulator): void {
  const platform = any(world, simulator.platforms)!;
  const one = any(world, simulator.deeds?.(platform).filter(({ by }) => by !== 'platform') ?? []);
  if (one === undefined) return;
  const target = one.by === 'person' ? { identity: any(world, simulator.people)!.id } : {};
  one.apply(target);
  world.befell(one.deed);
  if (one.by === 'operator') void declared(world, town, simulator, platform);
  if (one.undo === undefined) return;
  later(world, between(world, 2 * DAY_MS, 20 * DAY_MS), () => {
    one.undo?.(target);
    if (one.by === 'operator') void declared(world, town, simulator, platform);
  });
}

/** The operator says here, too, what they have set there. */
async function declared(world: World, town: Town, simulator: Simulator, platform: string): Promise<void> {
  await change(world, town, platform, { settings: simulator.app(platform).settings });
}

/** The operator rotates the secret and puts a wrong one in here; an hour later they see it. */
async function wrongSecret(
  world: World,
  town: Town,
  simulator: Simulator,
  secrets: ReadonlyMap<string, string>,
): Promise<void> {
  const platform = any(world, [...secrets.keys()])!;
  const clientSecret = secrets.get(platform)!;
  world.befell('wrong_secret_put_in');
  const milliseconds = between(world, 10 * MINUTE_MS, 2 * HOUR_MS);
  world.hinder(simulator, milliseconds + HOUR_MS);
  await change(world, town, platform, { clientSecret: `wrong-${world.random()}` });
  later(world, milliseconds, () => void change(world, town, platform, { clientSecret }));
}

async function change(
  world: World,
  town: Town,
  platform: string,
  input: Parameters<typeof updateApp>[2],
): Promise<void> {
  const ctx = world.contextIn(world.god, town);
  const apps = await world.god.store.listApps(town.workspaceId, { limit: 100, after: null });
  for (const app of apps.filter((one) => one.platform === platform)) await updateApp(ctx, app.id, input);
}
