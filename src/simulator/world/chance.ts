import { untilNext } from './drawn.ts';
import type { World } from './world.ts';

/** Again and again, at random, so often in a year. */
export function again(world: World, perYear: number, job: () => void): void {
  againBy(world, () => perYear, job);
}

/** As `again`, where how often it comes may change. */
export function againBy(world: World, perYear: () => number, job: () => void): void {
  const wait = untilNext(world.random, perYear());
  if (!Number.isFinite(wait)) return;
  world.clock.at(world.clock.now() + wait, () => {
    job();
    againBy(world, perYear, job);
  });
}

/** Now, and then again after each such time. */
export function every(world: World, milliseconds: number, job: () => void): void {
  job();
  world.clock.at(world.clock.now() + milliseconds, () => every(world, milliseconds, job));
}

/** After so many milliseconds. */
export function later(world: World, milliseconds: number, job: () => void): void {
  world.clock.at(world.clock.now() + milliseconds, job);
}

export function any<T>(world: World, items: readonly T[]): T | undefined {
  return items[Math.floor(world.random() * items.length)];
}

export function between(world: World, least: number, most: number): number {
  return least + world.random() * (most - least);
}
