import { toRfc3339, toRfc3339OrNull } from '../../core/instant.ts';
import type { SeenWrite } from './checker.ts';

/** As many lines of each subject are kept. */
const MOST_LINES = 25;

/** What happened last to each grant, for the trace of one about which something is wrong. */
export class Trace {
  readonly #lines = new Map<string, string[]>();

  write({ at, before, after }: SeenWrite): void {
    const { id, state, cause, dueReason, dueAt, credentialVersion, epoch } = after;
    const change = before === null || before.state === state ? state : `${before.state} → ${state}`;
    const why =
      cause === null ? '' : ` (${cause}${after.evidence?.check ? `, ${after.evidence.check}` : ''})`;
    this.say(
      id,
      `${toRfc3339(at)} ${after.platform} ${change}${why}, credential ${credentialVersion}, claim ${epoch}, ends ${toRfc3339OrNull(after.facts.accessExpiresAt) ?? 'never'}, next ${dueReason} ${toRfc3339OrNull(dueAt) ?? 'never'}`,
    );
  }

  say(subject: string, line: string): void {
    const lines = this.#lines.get(subject) ?? [];
    this.#lines.set(subject, lines);
    lines.push(line);
    if (lines.length > MOST_LINES) lines.shift();
  }

  of(subject: string): readonly string[] {
    return this.#lines.get(subject) ?? [];
  }
}
