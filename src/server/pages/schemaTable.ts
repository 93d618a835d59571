import { type Html, type HtmlValue, html } from '../html.ts';
import type { OpenApiDocument } from '../openapi/document.ts';
import { inline } from './prose.ts';

// biome-ignore lint/suspicious/noExplicitAny: schemas are read as the JSON that they are.
type Loose = any;

const DEEPEST = 4;

/** A schema's members as rows, the inner ones by their path. */
export function schemaTable(document: OpenApiDocument, schema: Loose, name: string): HtmlValue {
  const rows = rowsOf(document, schema, '', 0);
  return rows.length > 0 && table(name, ['Member', 'Type', 'Meaning'], rows);
}

/** A table in a box of its own, which scrolls where it is wider than the page, by keys too. */
export function table(name: string, heads: readonly string[], rows: readonly HtmlValue[]): Html {
  const head = heads.map((text) => html`<th scope="col">${text}</th>`);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${name}"><table class="stacked"><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function rowsOf(document: OpenApiDocument, given: Loose, path: string, depth: number): readonly HtmlValue[] {
  const schema = resolved(document, given);
  if (depth > DEEPEST) return [];
  if (schema.items) return rowsOf(document, schema.items, `${path}[]`, depth);
  const needed = new Set<string>(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]: [string, Loose]) => {
    const here = path === '' ? name : `${path}.${name}`;
    const inner = resolved(document, member);
    const text = member.description ?? inner.description ?? '';
    const row = html`<tr><td><code>${here}</code></td><td>${typeOf(member, inner)}${!needed.has(name) && ', optional'}</td><td>${inline(text)}</td></tr>`;
    return [row, ...rowsOf(document, inner, here, depth + 1)];
  });
}

/** What a reference points to, and the one choice beside null. */
export function resolved(document: OpenApiDocument, schema: Loose): Loose {
  if (schema?.$ref) return resolved(document, document.components.schemas?.[schema.$ref.split('/').at(-1)]);
  const choices = (schema?.anyOf ?? []).filter((choice: Loose) => choice.type !== 'null');
  return choices.length === 1 ? { ...schema, ...resolved(document, choices[0]) } : (schema ?? {});
}

function typeOf(member: Loose, inner: Loose): string {
  const orNull = (member.anyOf ?? []).some((choice: Loose) => choice.type === 'null') ? ' or null' : '';
  if (inner.enum)
    return `${inner.enum.length > 8 ? `one of ${inner.enum.length} words` : inner.enum.join(' | ')}${orNull}`;
  if (Array.isArray(inner.type)) return inner.type.join(' or ');
  return `${inner.format ?? inner.type ?? 'any'}${orNull}`;
}
