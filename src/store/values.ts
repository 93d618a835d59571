import { type AliasedRawBuilder, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Instant } from '../core/instant.ts';
import { toRfc3339 as time, toRfc3339OrNull as timeOrNull } from '../core/instant.ts';
import type { Page } from './store.ts';

export { time, timeOrNull };

/** What PostgreSQL cannot hold in text or jsonb: the NUL character and halves of surrogate pairs. */
const UNSTORABLE = /\\u(?:0000|d[89a-f][0-9a-f]{2})/i;

/** A text that the database accepts: what it cannot hold becomes U+FFFD, so that one odd answer cannot block a batch. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return storable(value);
  if (Array.isArray(value)) return value.map(storableValue);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [storable(key), storableValue(inner)]),
  );
}

/** The value as JSON text that jsonb accepts. */
export function json(value: unknown): string {
  const text = JSON.stringify(value);
  // Escapes are rare: looking for one is a hundred times quicker than looking for the wrong ones.
  return text.includes('\\u') && UNSTORABLE.test(text)
    ? JSON.stringify(storableValue(JSON.parse(text)))
    : text;
}

export function jsonOrNull(value: unknown): string | null {
  return value === null ? null : json(value);
}

/** What the driver gives for a timestamptz. */
export function parseTime(text: string): Instant {
  return Date.parse(text);
}

/**
 * The condition for the rows that come after the row `page.after` when the newest come first.
 * @param created The column that counts as the time of creation.
 */
export function afterRow(
  table: string,
  workspaceId: string,
  page: Page,
  created = 'created_at',
): RawBuilder<SqlBool> {
  if (page.after === null) return sql<SqlBool>`true`;
  const at = sql.id(table, created);
  return sql<SqlBool>`(${at}, ${sql.id(table, 'id')}) < (
    select mark.${sql.id(created)}, mark.id from ${sql.id(table)} as mark
    where mark.workspace_id = ${workspaceId} and mark.id = ${page.after})`;
}

/** Between the values of a column, and in place of one that is null. JSON never holds them as they are. */
const BETWEEN = '\u001e';
const NOTHING = '\u001f';
const MARKS = new RegExp(`[${BETWEEN}${NOTHING}]`, 'g');
/** A text without any of these can stand in a column as it is; of those with one, most can too. */
const DOUBTFUL = new RegExp(`[\\0${BETWEEN}${NOTHING}\\ud800-\\udfff]`);

function inColumn(text: string): string {
  return DOUBTFUL.test(text) ? storable(text).replace(MARKS, '\uFFFD') : text;
}

/**
 * The values as an array of the type, for `unnest`. A long text cut up by the database costs both sides far less than
 * an array literal, in which every quotation mark of a JSON text has to be escaped.
 */
export function column(type: string, values: readonly (string | number | null)[]): RawBuilder<unknown> {
  const written = (value: string | number): string =>
    typeof value === 'string' && type === 'text' ? inColumn(value) : String(value);
  const texts = values.map((value) => (value === null ? NOTHING : written(value)));
  return sql`string_to_array(${texts.join(BETWEEN)}, ${BETWEEN}, ${NOTHING})::${sql.raw(type)}[]`;
}

/** Keys as a table `key` to join with: one trip for many. */
export function keyTable(
  keys: readonly { readonly workspaceId: string; readonly id: string }[],
): AliasedRawBuilder<{ workspaceId: string; id: string }, 'key'> {
  const workspaces = keys.map((key) => key.workspaceId);
  const ids = keys.map((key) => key.id);
  const table = sql<{ workspaceId: string; id: string }>`unnest(${workspaces}::text[], ${ids}::text[])`;
  return table.as<'key'>(sql`key(workspace_id, id)`);
}

/** A moment to compare a timestamptz with. */
export function moment(at: Instant): RawBuilder<Instant> {
  return sql<Instant>`${time(at)}::timestamptz`;
}

/** For a column of the type `bigint` that {@link atMillisecond} reads. */
export function millisecond(at: Instant | null): number | null {
  return at === null ? null : Math.trunc(at);
}

/**
 * The timestamptz that a number of milliseconds stands for, in SQL. Exact up to the year 4000. For both sides far less
 * work than RFC 3339, which is why columns of many moments are sent so.
 */
export function atMillisecond(expression: string): string {
  return `timestamptz 'epoch' + ${expression} * interval '1 millisecond'`;
}

/** A column's name in the database: `dueAt` is `due_at` there. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
