import { z } from 'zod';
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

/** Values that came along with a control request, as its schema lets them through. */
export type Values = Readonly<Record<string, string | undefined>>;

/** What a verb needs: the platform it is for, and the values that came along. */
export interface Order {
  readonly platform: string;
  readonly served: Served;
  readonly values: Values;
}

/** The values that one call takes. All may be absent: what a call cannot do without, it asks for in its own words. */
export type Schema = z.ZodType<Values>;

const value = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => text !== '', 'is empty: leave it out')
  .nullish()
  .transform((text) => text ?? undefined);

/** Takes these values, as text or numbers, and no others. */
export const taking = (...names: readonly string[]): Schema =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, value])));

/** A form sends each of its inputs, so what is empty there was left out. */
export function formValues(body: string, schema: Schema): Values {
  const sent = [...new URLSearchParams(body)].map(([name, text]) => [name, text === '' ? null : text]);
  return checked(Object.fromEntries(sent), schema);
}

export function jsonValues(body: string, schema: Schema): Values {
  if (body.trim() === '') return checked({}, schema);
  try {
    return checked(JSON.parse(body), schema);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Refusal(400, 'bad_json', `The body is not JSON: ${error.message}.`);
  }
}

function checked(given: unknown, schema: Schema): Values {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new Refusal(400, 'bad_json', 'The body is JSON, but no JSON object.');
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  if (issue?.code === 'unrecognized_keys') throw unknownField(issue.keys, schema);
  const field = issue?.path.join('.') ?? '';
  const what = issue?.code === 'custom' ? issue.message : 'is a text or a number';
  throw new Refusal(400, 'bad_field', `“${field}” ${what}. Nothing was done.`);
}

function unknownField(names: readonly string[], schema: Schema): Refusal {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const said = names.map((name) => `“${name}”`).join(', ');
  const takes = known.length === 0 ? 'none' : 'these';
  return new Refusal(
    400,
    'unknown_field',
    `No field ${said} here: it takes ${takes}. Nothing was done.`,
    known,
  );
}
