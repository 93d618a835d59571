import { DAY_MS } from '../../core/instant.ts';
import { type CallFaults, NO_CALL_FAULTS } from './network.ts';

export const FAULT_LEVELS = ['none', 'some', 'many'] as const;
export type FaultLevel = (typeof FAULT_LEVELS)[number];

/** What the seed has drawn for one run. Rates are expected numbers in a year of 365 days. */
export interface Drawn {
  readonly processes: number;
  readonly calls: CallFaults;
  /** Of every process, each. */
  readonly kills: number;
  readonly pauses: number;
  readonly clockJumps: number;
  /** Of the one store. */
  readonly storeGone: number;
  readonly storeLosesAnswers: number;
  /** Of every platform in every town. */
  readonly platformDown: number;
  readonly secretRotated: number;
  /** Of every grant: something that a person or a platform does to it. */
  readonly misfortunes: number;
  /** Of every town: a person loses everything at once. */
  readonly signOuts: number;
  /** Of every platform in every town: what passes, what breaks nothing by itself, a wrong secret put in here, denials. */
  readonly troubles: number;
  readonly deeds: number;
  readonly wrongSecrets: number;
  readonly lies: number;
  /** Share of the reminders on which somebody acts. */
  readonly heeded: number;
  /** Token reads of every connection, a day. */
  readonly readsPerDay: number;
}

const YEAR_MS = 365 * DAY_MS;

export function draw(random: () => number, level: FaultLevel): Drawn {
  const processes = 1 + Math.floor(random() * 3);
  const readsPerDay = 0.5 + random();
  if (level === 'none') return { ...CALM, processes, readsPerDay };
  const scale = level === 'some' ? 1 : 4;
  const about = (rate: number): number => rate * scale * (0.5 + random());
  return {
    processes,
    readsPerDay,
    calls: {
      refused: about(0.004),
      lostBefore: about(0.001),
      lostAfter: about(0.001),
      killed: about(0.000_05),
      paused: about(0.000_05),
    },
    kills: about(8),
    pauses: about(6),
    clockJumps: about(4),
    storeGone: about(6),
    storeLosesAnswers: about(0.000_5),
    platformDown: about(2),
    secretRotated: about(0.5),
    misfortunes: about(0.7),
    signOuts: about(0.7),
    troubles: about(1.5),
    deeds: about(1),
    wrongSecrets: about(0.5),
    lies: about(10),
    heeded: random() * 0.5,
  };
}

const CALM: Omit<Drawn, 'processes' | 'readsPerDay'> = {
  calls: NO_CALL_FAULTS,
  kills: 0,
  pauses: 0,
  clockJumps: 0,
  storeGone: 0,
  storeLosesAnswers: 0,
  platformDown: 0,
  secretRotated: 0,
  misfortunes: 0,
  signOuts: 0,
  troubles: 0,
  deeds: 0,
  wrongSecrets: 0,
  lies: 0,
  heeded: 0,
};

/** Milliseconds until the next event of a kind that comes so often in a year; infinite for one that never comes. */
export function untilNext(random: () => number, perYear: number): number {
  return perYear <= 0 ? Number.POSITIVE_INFINITY : (-Math.log(1 - random()) / perYear) * YEAR_MS;
}
