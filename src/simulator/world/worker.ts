import { parentPort } from 'node:worker_threads';
import type { Drawn } from './drawn.ts';
import { type LiveOptions, live } from './live.ts';
import type { Plan } from './plan.ts';
import type { Summary } from './summary.ts';

export interface Job extends LiveOptions {
  readonly plan: Plan;
}

/** What a worker says of its job: how far it is, what was drawn, and what came of it. */
export type Word =
  | { readonly progress: number }
  | { readonly drawn: Drawn }
  | { readonly summary: Summary }
  | { readonly fault: string };

const port = parentPort;
const say = (word: Word): void => port?.postMessage(word);

port?.on('message', ({ plan, ...options }: Job) => {
  let percent = 0;
  const progress = (share: number): void => {
    if (Math.floor(share * 100) === percent) return;
    percent = Math.floor(share * 100);
    say({ progress: share });
  };
  const drawn = (what: Drawn): void => say({ drawn: what });
  live(plan, { ...options, progress, drawn }).then(
    (summary) => say({ summary }),
    (error: unknown) =>
      say({ fault: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
