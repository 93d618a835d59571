/**
 * Turns many single look-ups into few: what is asked for in the same turn of the event loop goes out in one trip.
 * Nothing is remembered between trips, so every answer is fresh.
 */
export function gather<Key, Value>(
  fetch: (keys: readonly Key[]) => Promise<readonly Value[]>,
  idOfKey: (key: Key) => string,
  idOfValue: (value: Value) => string,
): (key: Key) => Promise<Value | undefined> {
  let waiting: Map<string, Key> | null = null;
  let trip: Promise<Map<string, Value>> = Promise.resolve(new Map());
  const depart = async (keys: Map<string, Key>): Promise<Map<string, Value>> => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    waiting = null;
    const found = await fetch([...keys.values()]);
    return new Map(found.map((value) => [idOfValue(value), value]));
  };
  return async (key) => {
    const id = idOfKey(key);
    if (waiting === null) {
      waiting = new Map();
      trip = depart(waiting);
    }
    waiting.set(id, key);
    return (await trip).get(id);
  };
}
