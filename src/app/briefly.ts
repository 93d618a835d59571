import type { Instant } from '../core/instant.ts';
import type { Changes } from './changes.ts';
import { gather } from './gather.ts';

/**
 * How long an API key, an app or a connection may be taken from memory after the database was asked for it: within this
 * time a process sees what another has changed. What it has changed itself it sees at once.
 */
export const TRUST_MS = 500;
/** Things kept in memory by one look-up. */
const MOST_REMEMBERED = 10_000;
/** What is read at this age is asked for again with the next trip, and meanwhile taken from memory. */
export const WANTED_AGAIN_MS = TRUST_MS / 2;
/** When something of this age is read, that trip departs, */
export const DEPARTS_MS = (TRUST_MS * 3) / 4;
/** but so soon after the one before only with what cannot wait: few would go. */
export const APART_MS = TRUST_MS / 10;
/** With so many it departs at once: the answer to more would hold up all others while it is taken in. */
const MOST_TOGETHER = 500;

interface Remembered<Key, Value> {
  readonly key: Key;
  readonly value: Value;
  readonly askedAt: Instant;
  /** What this process had written when the database was asked. */
  readonly changes: number;
  readonly parts: readonly string[];
  /** It is to be asked for again with the next trip. */
  isWanted: boolean;
}

interface Terms<Key, Value> {
  readonly idOf: (key: Key) => string;
  /** The same id, read from what was found. */
  readonly idOfValue: (value: Value) => string;
  /** The ids of everything that the value was read from: a write to any of them ends the trust. */
  readonly partsOf: (value: Value) => readonly string[];
  readonly changes: Changes;
  readonly now: () => Instant;
}

/** What was looked up: at once where it is known, else when the database has answered. */
export type LookedUp<Value> = Value | Promise<Value | undefined>;

/**
 * Remembers for {@link TRUST_MS} what a look-up has found. What does not exist is asked for each time. What goes on being
 * read is asked for again before its time is over, many together: a trip for hundreds costs little more than one for one.
 */
export function briefly<Key, Value extends object>(
  fetch: (keys: readonly Key[]) => Promise<readonly Value[]>,
  { idOf, idOfValue, partsOf, changes, now }: Terms<Key, Value>,
): (key: Key) => LookedUp<Value> {
  const one = gather(fetch, idOf, idOfValue);
  const known = new Map<string, Remembered<Key, Value>>();
  let wanted: Key[] = [];
  let departedAt = Number.NEGATIVE_INFINITY;
  const keep = (id: string, kept: Omit<Remembered<Key, Value>, 'parts' | 'isWanted'>): void => {
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(id, { ...kept, parts: partsOf(kept.value), isWanted: false });
  };
  const ask = async (key: Key, askedAt: Instant): Promise<Value | undefined> => {
    const before = changes.count;
    const value = await one(key);
    const id = idOf(key);
    if (value === undefined) known.delete(id);
    else keep(id, { key, value, askedAt, changes: before });
    return value;
  };
  const askAgain = async (keys: readonly Key[], askedAt: Instant): Promise<void> => {
    const before = changes.count;
    // Answers that came slowly may have had one key wanted twice.
    const missing = new Map(keys.map((key) => [idOf(key), key]));
    for (const value of await fetch([...missing.values()])) {
      const id = idOfValue(value);
      keep(id, { key: missing.get(id) as Key, value, askedAt, changes: before });
      missing.delete(id);
    }
    for (const id of missing.keys()) known.delete(id);
  };
  const askTogether = (at: Instant): void => {
    const together = wanted;
    wanted = [];
    departedAt = at;
    // Where it fails, whoever reads it when its time is over asks again, and is told.
    if (together.length > 0) askAgain(together, at).catch(() => undefined);
  };
  const want = (remembered: Remembered<Key, Value>, at: Instant): void => {
    if (!remembered.isWanted) wanted.push(remembered.key);
    remembered.isWanted = true;
    const isTime = at - remembered.askedAt >= DEPARTS_MS && Math.abs(at - departedAt) >= APART_MS;
    if (isTime || wanted.length >= MOST_TOGETHER) askTogether(at);
  };
  return (key) => {
    const at = now();
    const remembered = known.get(idOf(key));
    if (remembered === undefined || !isTrusted(remembered, changes, at)) {
      askTogether(at);
      return ask(key, at);
    }
    if (at - remembered.askedAt >= WANTED_AGAIN_MS) want(remembered, at);
    return remembered.value;
  };
}

/** Counted from the question, not from the answer; a clock that was set back makes nothing young again. */
function isTrusted(
  { askedAt, changes: before, parts }: Remembered<unknown, unknown>,
  changes: Changes,
  at: Instant,
): boolean {
  return at >= askedAt && at - askedAt < TRUST_MS && !changes.since(before, parts);
}
