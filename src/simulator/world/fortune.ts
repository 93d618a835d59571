import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/instant.ts';
import type { SimBreak } from '../../platforms/kit/simulator.ts';
import type { ConnectionView } from '../../store/store.ts';
import { again, againBy, any, between, every, later } from './chance.ts';
import { EVERYBODY } from './hindrances.ts';
import type { Liar } from './liar.ts';
import { clocksApartMs, letPlatformsLie } from './lies.ts';
import { LASTING_APP_CAUSES, PERSONAL_CAUSES } from './misfortunes.ts';
import type { Town } from './town.ts';
import { letPeopleBePeople } from './troubles.ts';
import { personOf } from './truths.ts';
import type { World } from './world.ts';

/** How often people look at what is broken, or was brought to them. */
const LOOK_EVERY_MS = 6 * HOUR_MS;

/** Sets everything off that happens by itself from now on: to processes, the store, platforms, operators and people. */
export function letFortunePlay(world: World): void {
  const { drawn } = world;
  again(world, drawn.kills * world.processes.length, () => {
    const process = any(world, world.processes)!;
    world.killed(process);
    process.restartAfter(between(world, 5_000, 20 * MINUTE_MS));
    if (world.processes.length === 1) world.hinder(EVERYBODY, 25 * MINUTE_MS);
  });
  again(world, drawn.pauses * world.processes.length, () => {
    const milliseconds = between(world, MINUTE_MS, 20 * MINUTE_MS);
    world.paused(any(world, world.processes)!, milliseconds);
  });
  again(world, drawn.clockJumps * world.processes.length, () => {
    if (world.clock.now() < world.clocksStandUntil) return;
    any(world, world.processes)!.skewMs = Math.round(between(world, -3 * MINUTE_MS, 3 * MINUTE_MS));
    world.strikes.strike('clock_jumped');
    if (clocksApartMs(world) >= MINUTE_MS) world.strikes.strike('clocks_minutes_apart');
  });
  again(world, drawn.storeGone, () => {
    const milliseconds = between(world, 20_000, 40 * MINUTE_MS);
    world.weather.goneUntil(world.clock.now() + milliseconds);
    world.hinder(EVERYBODY, milliseconds, 15 * MINUTE_MS);
  });
  for (const town of world.towns) {
    for (const simulator of town.simulators) playAt(world, simulator);
    watchOver(world, town);
    letPeopleBePeople(world, town);
    letPlatformsLie(world, town);
  }
}

function playAt(world: World, simulator: Liar): void {
  again(world, world.drawn.platformDown, () => {
    const long = world.random() < 0.1;
    const milliseconds = long ? between(world, DAY_MS, 4 * DAY_MS) : between(world, MINUTE_MS, 6 * HOUR_MS);
    world.network.takeDown(simulator, world.clock.now() + milliseconds);
    // Afterwards it is tried again by the table, whose longest step is four hours and a bit.
    world.hinder(simulator, milliseconds, 5 * HOUR_MS);
    world.means('transient', simulator, milliseconds);
  });
  again(world, world.drawn.secretRotated, () => {
    const platform = any(world, simulator.platforms)!;
    const faults = simulator
      .breaks(platform)
      .filter(({ truth, mend, shows }) => mend && shows !== 'api' && LASTING_APP_CAUSES.has(truth));
    const fault = any(world, faults);
    if (fault === undefined) return;
    fault.apply({});
    world.befell(fault.how);
    const milliseconds = between(world, 10 * MINUTE_MS, 3 * HOUR_MS);
    world.hinder(simulator, milliseconds, HOUR_MS);
    world.means('app_fault', simulator, milliseconds);
    later(world, milliseconds, () => fault.mend?.({}));
  });
}

/** Of each connection: what befalls its grant, who reads its token, and who mends it. */
function watchOver(world: World, town: Town): void {
  const { drawn } = world;
  const connections = new Map<string, ConnectionView>();
  const mending = new Set<string>();
  const look = async (): Promise<void> => {
    const views = await world.god.store.listConnections(town.workspaceId, {}, { limit: 10_000, after: null });
    for (const view of views) connections.set(view.connection.id, view);
    for (const view of views) {
      const acts = view.grant.state === 'expired' || heeds(world, view);
      if (acts && !mending.has(view.connection.id)) mend(view);
    }
  };
  const mend = (view: ConnectionView): void => {
    mending.add(view.connection.id);
    const wait = between(world, MINUTE_MS, 3 * DAY_MS);
    world.clock.at(world.clock.now() + wait, () => {
      // A process that is killed meanwhile never answers: the person comes back another day.
      const gaveUp = world.clock.sleep(DAY_MS).then(() => false);
      void Promise.race([reconnect(world, town, view), gaveUp]).then((mended) => {
        mending.delete(view.connection.id);
        if (mended) world.tally.reconnects += 1;
      });
    });
  };
  every(world, LOOK_EVERY_MS, () => void look());
  const count = () => Math.max(1, connections.size);
  againBy(
    world,
    () => drawn.misfortunes * count(),
    () => befall(world, town, any(world, [...connections.values()])),
  );
  againBy(
    world,
    () => drawn.readsPerDay * 365 * count(),
    () => void read(world, town, any(world, [...connections.values()])),
  );
}

/** Whether somebody acts on a reminder that came since the last look. */
function heeds(world: World, { grant }: ConnectionView): boolean {
  const isNew = grant.reminded.some(({ sentAt }) => sentAt > world.clock.now() - LOOK_EVERY_MS);
  return isNew && world.random() < world.drawn.heeded;
}

function befall(world: World, town: Town, view: ConnectionView | undefined): void {
  if (view === undefined) return;
  const { platform, method, identity } = view.grant;
  const possible = town
    .simulatorOf(platform)
    .breaks(platform)
    .filter((one) => PERSONAL_CAUSES.has(one.truth) && (one.methods?.includes(method) ?? true));
  if (possible.length === 0 || identity === null) return;
  const one = any(world, possible)!;
  one.apply({ identity: identity.id });
  world.befell(one.how);
}

/** The person mends at the platform what can be mended there, and authorizes again. */
async function reconnect(world: World, town: Town, view: ConnectionView): Promise<boolean> {
  const process = world.someProcess();
  if (process === null) return false;
  const { grant, connection } = view;
  const simulator = town.simulatorOf(grant.platform);
  for (const one of simulator.breaks(grant.platform)) mendable(one)?.({ identity: grant.identity?.id });
  const platform = await world.god.registry.find(town.workspaceId, grant.platform);
  const kind = platform?.profile.methods.find(({ id }) => id === grant.method)?.kind ?? 'oauth';
  const visit = {
    platform: grant.platform,
    method: grant.method,
    kind,
    person: personOf(simulator, grant.identity?.id)?.id ?? grant.identity?.id,
  };
  try {
    await world.callers.connect(process, town, visit, { connectionId: connection.id });
    return true;
  } catch (error) {
    world.isLife(error);
    return false;
  }
}

function mendable({ truth, mend }: SimBreak): SimBreak['mend'] {
  return PERSONAL_CAUSES.has(truth) ? mend : undefined;
}

async function read(world: World, town: Town, view: ConnectionView | undefined): Promise<void> {
  const process = world.someProcess();
  if (view === undefined || process === null) return;
  world.tally.reads += 1;
  const version = (await world.god.store.getGrant(town.workspaceId, view.grant.id))?.credentialVersion;
  const problem = await world.callers.readToken(process, town, view.connection.id);
  if (problem !== null) world.tally.readsRefused += 1;
  const grant = await world.god.store.getGrant(town.workspaceId, view.grant.id);
  if (grant?.credentialVersion !== version) world.tally.readsThatRenewed += 1;
  if (grant === null || world.weather.isGone) return;
  const seen = await world.see(grant);
  for (const checker of world.checkers)
    checker.onRead?.({ at: world.clock.now(), seen, handedOut: problem === null, problem });
  if (problem !== null || seen.takes) return;
  const noted = await world.callers.reportRefused(process, town, view.connection.id);
  if (noted) for (const checker of world.checkers) checker.onRefusal?.(seen);
}
