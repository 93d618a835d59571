import { type MeaningTallies, noVerdicts } from './verdicts.ts';

/** What happened in a world, counted. */
export interface Tally {
  calls: number;
  callsLost: number;
  renewals: number;
  failures: Record<string, number>;
  deaths: number;
  trueDeaths: number;
  reconnects: number;
  /** Of deadlines. */
  reminders: number;
  reads: number;
  readsRefused: number;
  /** Reads for which a platform had to be called. */
  readsThatRenewed: number;
  kills: number;
  /** Requests to the HTTP servers of the service. */
  httpRequests: number;
  /** What befell people, operators and platforms, by kind. */
  mishaps: Record<string, number>;
  /** How often each checker had something to judge. */
  judged: Record<string, number>;
  /** What was made of failures, beside what was true. */
  verdicts: MeaningTallies;
}

export function emptyTally(): Tally {
  return {
    calls: 0,
    callsLost: 0,
    renewals: 0,
    failures: {},
    deaths: 0,
    trueDeaths: 0,
    reconnects: 0,
    reminders: 0,
    reads: 0,
    readsRefused: 0,
    readsThatRenewed: 0,
    kills: 0,
    httpRequests: 0,
    mishaps: {},
    judged: {},
    verdicts: noVerdicts(),
  };
}
