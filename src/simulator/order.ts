import type { Served } from './served.ts';

/** A control request that cannot be done; the answer lists what exists. */
export class Refusal extends Error {
  readonly status: number;
  readonly error: string;
  readonly known: readonly string[];

  constructor(status: number, error: string, message: string, known: readonly string[] = []) {
    super(message);
    this.status = status;
    this.error = error;
    this.known = known;
  }
}

/** Values that came along with a control request. Absent and empty are the same. */
export type Values = Readonly<Record<string, string | undefined>>;

/** What a verb needs: the platform it is for, and the values that came along. */
export interface Order {
  readonly platform: string;
  readonly served: Served;
  readonly values: Values;
}

export function formValues(body: string): Values {
  return present(Object.fromEntries(new URLSearchParams(body)));
}

export function jsonValues(body: string): Values {
  if (body.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return present(value);
  } catch {
    // Said below: not an object is as wrong as not JSON.
  }
  throw new Refusal(400, 'bad_json', 'The body is a JSON object.');
}

function present(values: object): Values {
  const given = Object.entries(values).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  );
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}
