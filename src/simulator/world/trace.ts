import { type Instant, toRfc3339, toRfc3339OrNull } from '../../core/instant.ts';
import type { SeenWrite } from './checker.ts';
import type { SeenCall } from './network.ts';

/** As many events of each subject are kept, and as many lines are shown. */
const MOST_EVENTS = 25;
const MOST_LINES = 40;
/** What happened to everybody: kills, outages, a database that is away. */
const WORLD = 'world';

interface Event {
  readonly at: Instant;
  /** Orders what happened in one moment. */
  readonly order: number;
  readonly words: () => string;
}

/** What happened last to each subject, for the trace of one about which something is wrong. Put into words only then. */
export class Trace {
  readonly #events = new Map<string, Event[]>();
  #order = 0;

  write(write: SeenWrite): void {
    this.say(write.after.id, write.at, () => wordsOfWrite(write));
  }

  call(call: SeenCall): void {
    this.say(call.town.name, call.at, () => wordsOfCall(call));
  }

  /** Something that concerns everybody. */
  world(at: Instant, words: string): void {
    this.say(WORLD, at, () => words);
  }

  say(subject: string, at: Instant, words: () => string): void {
    const events = this.#events.get(subject) ?? [];
    this.#events.set(subject, events);
    this.#order += 1;
    events.push({ at, order: this.#order, words });
    if (events.length > MOST_EVENTS) events.shift();
  }

  /** The last events of these subjects and of the world, the latest last. */
  of(subjects: readonly string[]): readonly string[] {
    return [...new Set([...subjects, WORLD])]
      .flatMap((subject) => this.#events.get(subject) ?? [])
      .sort((a, b) => a.at - b.at || a.order - b.order)
      .slice(-MOST_LINES)
      .map(({ at, words }) => `${toRfc3339(at)} ${words()}`);
  }
}

function wordsOfWrite({ before, after }: SeenWrite): string {
  const { platform, state, cause, dueReason, dueAt, credentialVersion, epoch } = after;
  const change = before === null || before.state === state ? state : `${before.state} → ${state}`;
  const why = cause === null ? '' : ` (${cause}${after.evidence?.check ? `, ${after.evidence.check}` : ''})`;
  const ends = toRfc3339OrNull(after.facts.accessExpiresAt) ?? 'never';
  const next = `${dueReason} ${toRfc3339OrNull(dueAt) ?? 'never'}`;
  return `${platform} ${change}${why}, credential ${credentialVersion}, claim ${epoch}, ends ${ends}, next ${next}`;
}

/** Of the address only what names no secret. */
function wordsOfCall({ node, request, said, delivered }: SeenCall): string {
  const { host, pathname } = new URL(request.url);
  const answer = said === null ? 'was not heard there' : `answered ${said.status}`;
  const lost = said !== null && !delivered ? ', and the answer was lost' : '';
  return `${node} calls ${host}${pathname}: ${answer}${lost}`;
}
