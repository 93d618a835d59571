import type { Log } from '../../app/context.ts';
import type { World } from './world.ts';

/** The log of all processes of a world: the checkers hear each line, and what is a fault of the program is reported. */
export function worldLog(world: World): Log {
  const line = (fields: object, message: string): void => {
    const text = `${message} ${describe(fields)}`;
    for (const checker of world.checkers) checker.onLine?.(text);
  };
  const fault = (fields: object, message: string): void => {
    line(fields, message);
    const { err } = fields as { err?: unknown };
    if (err !== undefined && !world.isLife(err)) world.tell(message);
  };
  return { info: line, warn: line, error: fault };
}

function describe(fields: object): string {
  return JSON.stringify(fields, (_key, value) =>
    value instanceof Error ? `${value.name}: ${value.message}` : value,
  );
}
