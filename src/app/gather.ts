/** Trips under way at once. More would only be smaller, and a trip costs as much as many keys more in another. */
const MOST_TRIPS = 2;

/**
 * Turns many single look-ups into few: what is asked for in the same turn of the event loop goes out in one trip, and
 * so does what is asked for while the trips before it are under way. Nothing is remembered between trips, and a trip
 * departs after it was asked for, so every answer is fresh.
 */
export function gather<Key, Value>(
  fetch: (keys: readonly Key[]) => Promise<readonly Value[]>,
  idOfKey: (key: Key) => string,
  idOfValue: (value: Value) => string,
): (key: Key) => Promise<Value | undefined> {
  let waiting: Map<string, Key> | null = null;
  let next: Promise<Map<string, Value>> = Promise.resolve(new Map());
  const underWay = new Set<Promise<unknown>>();
  const depart = async (keys: Map<string, Key>): Promise<Map<string, Value>> => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (underWay.size >= MOST_TRIPS) await Promise.race(underWay).catch(() => undefined);
    waiting = null;
    const trip = fetch([...keys.values()]);
    underWay.add(trip);
    try {
      const found = await trip;
      return new Map(found.map((value) => [idOfValue(value), value]));
    } finally {
      underWay.delete(trip);
    }
  };
  return async (key) => {
    const id = idOfKey(key);
    if (waiting === null) {
      waiting = new Map();
      next = depart(waiting);
    }
    waiting.set(id, key);
    return (await next).get(id);
  };
}
