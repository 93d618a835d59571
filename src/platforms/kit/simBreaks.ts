import type { SimApp } from './simApps.ts';
import type { BreakTarget, SimBreak } from './simulator.ts';

/** A switch without what it does. */
export type SimBreakWords = Omit<SimBreak, 'apply' | 'mend'>;

/** The things of a simulated platform that a target means. */
export type Among<T> = (target: BreakTarget) => Iterable<T>;

/** Whether a target means what this person gave this app. A token is for the caller to tell. */
export function meansGrant(
  { identity, clientId }: BreakTarget,
  grant: { readonly person?: string | undefined; readonly clientId: string },
): boolean {
  return (
    (identity === undefined || identity === grant.person) &&
    (clientId === undefined || clientId === grant.clientId)
  );
}

/** A switch that does the same to each thing that is meant; with `undo` it can be mended. */
export function breakEach<T>(
  words: SimBreakWords,
  among: Among<T>,
  act: (one: T) => void,
  undo?: (one: T) => void,
): SimBreak {
  const each = (target: BreakTarget, what: (one: T) => void) => {
    for (const one of among(target)) what(one);
  };
  const apply = (target: BreakTarget) => each(target, act);
  return undo ? { ...words, apply, mend: (target) => each(target, undo) } : { ...words, apply };
}

/** A switch that is on for whatever stands in the set. */
export function breakMembers<T>(words: SimBreakWords, among: Among<T>, set: Set<T>): SimBreak {
  return breakEach(
    words,
    among,
    (one) => set.add(one),
    (one) => set.delete(one),
  );
}

/** The operator rotates the app's secret, and mends it by putting the old one back. */
export function breakSecret(words: SimBreakWords, apps: Among<SimApp>): SimBreak {
  return breakEach(
    words,
    apps,
    (app) => {
      app.clientSecret = `rotated-${app.clientSecret}`;
    },
    (app) => {
      app.clientSecret = app.clientSecret.replace(/^(rotated-)+/, '');
    },
  );
}

/** The platform disables, blocks or deletes the app. */
export function breakApp(words: SimBreakWords, apps: Among<SimApp>): SimBreak {
  return breakEach(
    words,
    apps,
    (app) => {
      app.disabled = true;
    },
    (app) => {
      app.disabled = false;
    },
  );
}

interface SwitchedOn {
  readonly how: string;
  readonly target: BreakTarget;
  /** For whom it was mended while it stayed on for the others. */
  readonly mended: readonly BreakTarget[];
}

/** Switches that only stay on, for their targets, until they are mended; what they do is told elsewhere. */
export class SimSwitches {
  #on: readonly SwitchedOn[] = [];

  switch(words: SimBreakWords): SimBreak {
    const { how } = words;
    return {
      ...words,
      apply: (target) => {
        this.#on = [...this.#on, { how, target, mended: [] }];
      },
      mend: (target) => {
        const left = this.#on.filter((one) => one.how !== how || !covers(target, one.target));
        this.#on = left.map((one) => (one.how === how ? withoutTarget(one, target) : one));
      },
    };
  }

  isOn(how: string, means: (target: BreakTarget) => boolean): boolean {
    return this.first([how], means) !== undefined;
  }

  /** The first of these that was switched on for whoever is meant. */
  first(hows: readonly string[], means: (target: BreakTarget) => boolean): string | undefined {
    return this.#on.find(
      ({ how, target, mended }) => hows.includes(how) && means(target) && !mended.some(means),
    )?.how;
  }
}

function withoutTarget(one: SwitchedOn, target: BreakTarget): SwitchedOn {
  const isNews = covers(one.target, target) && !one.mended.some((other) => covers(other, target));
  return isNews ? { ...one, mended: [...one.mended, target] } : one;
}

const FIELDS = ['identity', 'clientId', 'accessToken'] as const;

/** Whether whatever the second means is meant by the first: mending for all mends each, mending for one leaves the others. */
export function covers(target: BreakTarget, one: BreakTarget): boolean {
  return FIELDS.every((field) => target[field] === undefined || target[field] === one[field]);
}
