/** Reports take their time: minutes in life, sometimes hours. */
const QUEUED_MS = 20_000;
const READY_MS = 60_000;

/** One run of a report that somebody defined. */
export interface Run {
  readonly id: string;
  readonly startedAt: number;
  /** Whoever asked for it waited: it was ready at once. */
  readonly synchronous: boolean;
}

export type Progress = 'queued' | 'running' | 'done';

export function progressOf({ startedAt, synchronous }: Run, now: number): Progress {
  if (synchronous || now >= startedAt + READY_MS) return 'done';
  return now < startedAt + QUEUED_MS ? 'queued' : 'running';
}

/** When a run was last changed, by then. */
export function changedAt(run: Run, now: number): number {
  if (run.synchronous) return run.startedAt;
  return run.startedAt + { queued: 0, running: QUEUED_MS, done: READY_MS }[progressOf(run, now)];
}

/** What a report's file says in the place of rows that are not there. */
export const NO_DATA = 'No data returned by the reporting service.';

export const csv = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((cells) => `${cells.map(cellOf).join(',')}\n`).join('');

const cellOf = (cell: string | number): string =>
  /[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell);
