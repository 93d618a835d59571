/** A Google Ads query, read as far as the simulation needs it. */
export interface Gaql {
  readonly fields: readonly string[];
  readonly resource: string;
  readonly conditions: readonly (readonly [field: string, operator: string, value: string])[];
  readonly limit: number;
}

export function readGaql(query: string): Gaql | undefined {
  const parts =
    /^\s*SELECT\s+(.+?)\s+FROM\s+(\w+)(?:\s+WHERE\s+(.+?))?(?:\s+ORDER BY\s+.+?)?(?:\s+LIMIT\s+(\d+))?\s*;?\s*$/is.exec(
      query,
    );
  if (!parts) return undefined;
  const [, fields = '', resource = '', where = '', limit] = parts;
  const between = /([\w.]+)\s+BETWEEN\s+('[^']*'|"[^"]*"|\S+)\s+AND\s+('[^']*'|"[^"]*"|\S+)/gi;
  const simple = where.replace(between, '$1 >= $2 AND $1 <= $3');
  const conditions = simple.split(/\s+AND\s+/i).flatMap((text) => {
    const condition = /^([\w.]+)\s*(<=|>=|!=|=|<|>|\bDURING\b)\s*['"]?([^'"]*)['"]?$/i.exec(text.trim());
    return condition ? [[condition[1]!, condition[2]!, condition[3]!] as const] : [];
  });
  return {
    fields: fields.split(/\s*,\s*/),
    resource,
    conditions,
    limit: limit === undefined ? Number.POSITIVE_INFINITY : Number(limit),
  };
}

type Row = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The rows that fit, each with the selected fields in camel case. What has no value is left out. */
export function answerGaql(
  query: Gaql,
  rows: readonly Row[],
): readonly Record<string, Record<string, unknown>>[] {
  const fitting = rows.filter((row) =>
    query.conditions.every(([field, operator, value]) => holds(valueAt(row, field), operator, value)),
  );
  return fitting.slice(0, query.limit).map((row) => {
    const selected: Record<string, Record<string, unknown>> = {};
    for (const field of query.fields) {
      const [group, name] = pathOf(field);
      const value = valueAt(row, field);
      selected[group] ??= {
        ...(row[group]?.resourceName === undefined ? {} : { resourceName: row[group].resourceName }),
      };
      if (value !== undefined) selected[group][name] = value;
    }
    return selected;
  });
}

const camel = (snake: string): string =>
  snake.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

function pathOf(field: string): readonly [string, string] {
  const [group = '', ...rest] = field.split('.');
  return [camel(group), camel(rest.join('.'))];
}

function valueAt(row: Row, field: string): unknown {
  const [group, name] = pathOf(field);
  return row[group]?.[name];
}

/** Conditions on what the simulation does not keep hold; those on the date chose the rows already. */
function holds(value: unknown, operator: string, wanted: string): boolean {
  if (value === undefined) return true;
  const text = String(value);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return true;
  if (operator === '=') return text.toLowerCase() === wanted.toLowerCase();
  if (operator === '!=') return text.toLowerCase() !== wanted.toLowerCase();
  const difference = Number(text) - Number(wanted);
  return operator.startsWith('<')
    ? difference < 0 || (operator === '<=' && difference === 0)
    : difference > 0 || (operator === '>=' && difference === 0);
}
