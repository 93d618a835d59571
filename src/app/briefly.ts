import type { Instant } from '../core/instant.ts';
import type { Changes } from './changes.ts';

/**
 * How long an API key, an app or a connection may be taken from memory after the database was asked for it: within this
 * time a process sees what another has changed. What it has changed itself it sees at once.
 */
export const TRUST_MS = 500;
/** Things kept in memory by one look-up. */
const MOST_REMEMBERED = 10_000;

interface Remembered<Value> {
  readonly found: Promise<Value>;
  readonly askedAt: Instant;
  /** What this process had written when the database was asked. */
  readonly changes: number;
  readonly parts: readonly string[];
}

interface Terms<Key, Value> {
  readonly idOf: (key: Key) => string;
  /** The ids of everything that the value was read from: a write to any of them ends the trust. */
  readonly partsOf: (value: Value) => readonly string[];
  readonly changes: Changes;
  readonly now: () => Instant;
}

/** Remembers for {@link TRUST_MS} what a look-up has found. What does not exist is asked for each time. */
export function briefly<Key, Value>(
  lookUp: (key: Key) => Promise<Value | undefined>,
  { idOf, partsOf, changes, now }: Terms<Key, Value>,
): (key: Key) => Promise<Value | undefined> {
  const known = new Map<string, Remembered<Value>>();
  // Counted from the question, not from the answer; a clock that was set back makes nothing young again.
  const isTrusted = ({ askedAt, changes: before, parts }: Remembered<Value>, at: Instant): boolean =>
    at >= askedAt && at - askedAt < TRUST_MS && !changes.since(before, parts);
  const ask = async (key: Key, id: string, askedAt: Instant): Promise<Value | undefined> => {
    const before = changes.count;
    const value = await lookUp(key);
    if (value === undefined) return undefined;
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(id, { found: Promise.resolve(value), askedAt, changes: before, parts: partsOf(value) });
    return value;
  };
  return (key) => {
    const id = idOf(key);
    const at = now();
    const remembered = known.get(id);
    return remembered !== undefined && isTrusted(remembered, at) ? remembered.found : ask(key, id, at);
  };
}
