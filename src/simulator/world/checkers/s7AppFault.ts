import { CAUSES } from '../../../core/cause.ts';
import { MINUTE_MS } from '../../../core/instant.ts';
import { accessWorks } from '../../../core/outage.ts';
import type { CheckerFactory } from '../checker.ts';
import { trueMeanings } from '../verdicts.ts';

/** How far the clock of a process may be ahead. */
const AHEAD_MS = 4 * MINUTE_MS;

export const s7AppFault: CheckerFactory = ({ report, judged, truths }) => ({
  id: 'S7',
  promise: 'An app’s fault marks no grant.',
  onWrite: ({ before, after, at }) => {
    if (before?.state === after.state || after.cause === null || CAUSES[after.cause].reach !== 'app') return;
    // Once the token has ended nothing works, and that is shown, whoever’s fault it is.
    const shows = after.state === 'failing' && !accessWorks(after.facts, at + AHEAD_MS);
    if (!shows) report(`It became ${after.state} because of ${after.cause}.`, after.id);
  },
  onVerdict: (write, seen) => {
    const { before, after, at } = write;
    const truth = trueMeanings(truths, seen, at);
    if (!truth.has('app_fault') || truth.size > 1) return;
    judged();
    const worsens = after.state === 'expired' || after.state === 'suspect';
    if (worsens && before?.state !== after.state)
      report(`It became ${after.state} (${after.cause}) while only its app was at fault.`, after.id);
  },
});
