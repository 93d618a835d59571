import { parseJson } from '../../core/answer.ts';
import type { Instant } from '../../core/instant.ts';
import type { FieldSpec } from './profile.ts';

/** Values by field id. */
export type Fields = Readonly<Record<string, string>>;

/** What is wrong, by field id: a sentence each, for the person who filled them in. Repeats no value. */
export type FieldErrors = Readonly<Record<string, string>>;

export interface ReadFields {
  /** Trimmed, and without the fields that were left empty. */
  readonly values: Fields;
  /** Empty where nothing is wrong. */
  readonly errors: FieldErrors;
}

/** Reads what a person entered by the method's own fields, and says every mistake at once. No platform is asked. */
export function readFields(specs: readonly FieldSpec[], entered: Fields, now: Instant): ReadFields {
  const errors: Record<string, string> = {};
  const values: Record<string, string> = {};
  for (const spec of specs) {
    const value = (Object.hasOwn(entered, spec.id) ? entered[spec.id]! : '').trim();
    if (value === '') {
      if (spec.required) errors[spec.id] = `${spec.label} is needed.`;
      continue;
    }
    const wrong = wrongKind(spec, value) ?? spec.wrong?.(value, now);
    if (wrong === undefined) values[spec.id] = value;
    else errors[spec.id] = wrong;
  }
  const known = new Set(specs.map((spec) => spec.id));
  for (const name of Object.keys(entered)) if (!known.has(name)) errors[name] = 'There is no such field.';
  return { values, errors };
}

function wrongKind({ kind, choices }: FieldSpec, value: string): string | undefined {
  if (kind === 'date' && Number.isNaN(dayAt(value)))
    return 'Give a day that exists, as YYYY-MM-DD: 2027-03-31.';
  if (kind === 'json' && parseJson(value) === undefined)
    return 'This is not valid JSON. Paste the whole file.';
  if (kind === 'choice' && choices && !choices.includes(value))
    return `Choose one of: ${choices.join(', ')}.`;
  return undefined;
}

/** The begin of a day in UTC, from `YYYY-MM-DD`; NaN where there is no such day (`Date.parse` takes 31 February). */
export function dayAt(text: string): Instant {
  const begin = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(begin) || new Date(begin).toISOString().slice(0, 10) !== text ? Number.NaN : begin;
}

/** A pasted token: line breaks and blanks that came along are none of it. */
export function pastedToken(text: string | undefined): string {
  return (text ?? '').replace(/\s+/g, '');
}
