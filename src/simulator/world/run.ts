import { DAY_MS, type Instant } from '../../core/instant.ts';
import type { Drawn } from './drawn.ts';
import { letFortunePlay } from './fortune.ts';
import { watchSignatures } from './rest.ts';
import { settleTowns } from './settle.ts';
import { isOfKind, type Kind } from './violationKind.ts';
import { AUDIT_EVERY_MS, type Violation, World, type WorldOptions } from './world.ts';

export interface RunOptions extends Omit<WorldOptions, 'towns'> {
  readonly days: number;
  /** As many as the towns can hold; a town holds about forty. */
  readonly grants: number;
  /** Stops at the first violation, or at the first of a kind. */
  readonly stopEarly?: boolean | Kind;
  readonly progress?: (share: number) => void;
  /** Hears, before anything happens, what the seed has drawn. */
  readonly drawn?: (drawn: Drawn) => void;
}

export interface RunResult {
  readonly world: World;
  readonly grants: number;
  /** When everybody was connected, and things began to go wrong. */
  readonly beganAt: Instant;
  readonly endedAt: Instant;
  readonly violations: readonly Violation[];
}

const GRANTS_OF_A_TOWN = 40;

/** One world from its first day to its last. Same seed and options, same run. */
export async function runWorld(options: RunOptions): Promise<RunResult> {
  const world = new World({ ...options, towns: Math.max(1, Math.ceil(options.grants / GRANTS_OF_A_TOWN)) });
  options.drawn?.(world.drawn);
  const unwatch = watchSignatures(world.rest);
  try {
    await world.open();
    const grants = await settleTowns(world, options.grants);
    world.letLoose();
    letFortunePlay(world);
    options.planted?.befalls?.(world);
    const beganAt = world.clock.now();
    await liveThrough(world, options);
    return { world, grants, beganAt, endedAt: world.clock.now(), violations: world.violations };
  } finally {
    for (const process of world.processes) process.kill();
    unwatch();
  }
}

async function liveThrough(world: World, options: RunOptions): Promise<void> {
  const beganAt = world.clock.now();
  const endsAt = beganAt + options.days * DAY_MS;
  while (world.clock.now() < endsAt) {
    await world.clock.runUntil(Math.min(endsAt, world.clock.now() + AUDIT_EVERY_MS));
    await world.audit();
    options.progress?.((world.clock.now() - beganAt) / (endsAt - beganAt));
    const { stopEarly = false } = options;
    if (typeof stopEarly === 'object' && world.violations.some((one) => isOfKind(one, stopEarly))) return;
    if (stopEarly === true && world.violations.length > 0) return;
  }
}
