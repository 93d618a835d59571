import { updateApp } from '../../app/manageApps.ts';
import { CAUSES } from '../../core/cause.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/instant.ts';
import type { SimBreak, SimPerson } from '../../platforms/kit/simulator.ts';
import { again, any, between, later } from './chance.ts';
import type { Liar } from './liar.ts';
import { PASSING_CAUSES, PERSONAL_CAUSES } from './misfortunes.ts';
import type { Town } from './town.ts';
import { personOf } from './truths.ts';
import type { World } from './world.ts';

/** What people and operators do beyond one grant, and what befalls them for a while. */
export function letPeopleBePeople(world: World, town: Town): void {
  const { drawn } = world;
  again(world, drawn.signOuts, () => void signOutEverywhere(world, town));
  for (const simulator of town.simulators) {
    // As they are now: later one may be rotated.
    const secrets = new Map(simulator.platforms.map((id) => [id, simulator.app(id).clientSecret]));
    again(world, drawn.troubles, () => void trouble(world, town, simulator));
    again(world, drawn.deeds, () => void deed(world, town, simulator));
    again(world, drawn.wrongSecrets, () => void wrongSecret(world, town, simulator, secrets));
  }
}

/** One person loses everything that they authorized, at every platform at once: a stolen machine, a left company. */
async function signOutEverywhere(world: World, town: Town): Promise<void> {
  const place = Math.floor(world.random() * 3);
  world.befell('sign_out_everywhere');
  const lost = await deathsBy(world, town, () => {
    for (const simulator of town.simulators) {
      const person = simulator.people[place % simulator.people.length]!;
      for (const platform of simulator.platforms) {
        const ends = simulator
          .breaks(platform)
          .filter(({ truth, mend }) => PERSONAL_CAUSES.has(truth) && !mend);
        any(world, ends)?.apply({ identity: person.id });
      }
    }
  });
  if (lost > 0) world.strikes.strike('signed_out_everywhere');
}

/** How many grants of the town die of it. */
async function deathsBy(world: World, town: Town, act: () => void): Promise<number> {
  const before = (await world.grantsIn(town)).filter(({ lives }) => lives);
  act();
  return before.filter(
    ({ simulator, grant, secrets }) => !simulator.lives(grant.platform, grant.method, secrets),
  ).length;
}

/** A role that is lost, a security check, an account that is closed, a rule of the organization: and its return some days later. */
async function trouble(world: World, town: Town, simulator: Liar): Promise<void> {
  const { platform, person } = await somebodyAt(world, town, simulator);
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
    world.hinder(simulator.veil, milliseconds, HOUR_MS);
  world.means('person_needed', simulator, milliseconds, person);
  if (one.shows === 'probe') world.means('app_fault', simulator, milliseconds, person);
  later(world, milliseconds, () => one.mend?.({ identity: person.id }));
}

interface Somebody {
  readonly platform: string;
  readonly person: SimPerson;
}

/** One of those who have authorized something here, and where; anybody anywhere, where nobody has. */
async function somebodyAt(world: World, town: Town, simulator: Liar): Promise<Somebody> {
  const granted = (await world.grantsIn(town)).filter((seen) => seen.simulator === simulator);
  const { platform, identity } = any(world, granted)?.grant ?? {};
  const person = personOf(simulator, identity?.id);
  if (platform !== undefined && person !== undefined) return { platform, person };
  return { platform: any(world, simulator.platforms)!, person: any(world, simulator.people)! };
}

/** A renewal that is refused in part leaves a grant alive that cannot be renewed: of that the checkers could say nothing. */
function isTold(truth: SimBreak['truth'], shows: SimBreak['shows']): boolean {
  return shows !== 'renew' || CAUSES[truth].reach === 'grant';
}

/** What breaks nothing by itself: a person authorizes more often than the platform allows, an operator takes the app back to Testing. */
async function deed(world: World, town: Town, simulator: Liar): Promise<void> {
  const { platform, person } = await somebodyAt(world, town, simulator);
  const one = any(world, simulator.deeds?.(platform).filter(({ by }) => by !== 'platform') ?? []);
  if (one === undefined) return;
  const target = one.by === 'person' ? { identity: person.id } : {};
  const lost = await deathsBy(world, town, () => one.apply(target));
  if (one.by === 'person' && lost > 0) world.strikes.strike('cap_overflowed');
  world.befell(one.deed);
  if (one.by === 'operator') void declared(world, town, simulator, platform);
  if (one.undo === undefined) return;
  later(world, between(world, 2 * DAY_MS, 20 * DAY_MS), () => {
    one.undo?.(target);
    if (one.by === 'operator') void declared(world, town, simulator, platform);
  });
}

/** The operator says here, too, what they have set there. */
async function declared(world: World, town: Town, simulator: Liar, platform: string): Promise<void> {
  await change(world, town, platform, { settings: simulator.app(platform).settings });
}

/** The operator rotates the secret and puts a wrong one in here; an hour later they see it. */
async function wrongSecret(
  world: World,
  town: Town,
  simulator: Liar,
  secrets: ReadonlyMap<string, string>,
): Promise<void> {
  const platform = any(world, [...secrets.keys()])!;
  const clientSecret = secrets.get(platform)!;
  world.befell('wrong_secret_put_in');
  const milliseconds = between(world, 10 * MINUTE_MS, 2 * HOUR_MS);
  world.hinder(simulator, milliseconds, HOUR_MS);
  world.means('app_fault', simulator, milliseconds);
  world.wrongSecrets.set(simulator, world.strikes.lasting(['wrong_secret_met']));
  await change(world, town, platform, { clientSecret: `wrong-${world.random()}` });
  later(world, milliseconds, () => {
    world.wrongSecrets.delete(simulator);
    void change(world, town, platform, { clientSecret });
  });
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
