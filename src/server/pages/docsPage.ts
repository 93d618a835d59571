import { type Html, type HtmlValue, html } from '../html.ts';
import type { OpenApiDocument } from '../openapi/document.ts';
import { layout } from './layout.ts';
import { navigation, type Places } from './navigation.ts';
import { inline, prose } from './prose.ts';
import { resolved, schemaTable, table } from './schemaTable.ts';

// biome-ignore lint/suspicious/noExplicitAny: the document is read as the JSON that it is.
type Loose = any;

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: Loose;
}

interface Group {
  readonly name: string;
  readonly entries: readonly Entry[];
}

/** The API for people to read, from the same document that machines read. */
export function docsPage(document: OpenApiDocument, places: Places): Html {
  const groups = document.tags.map(({ name }) => ({ name, entries: entriesOf(document, name) }));
  const title = `${document.info.title} API`;
  const content = html`<h1>${title}</h1>
<p class="soft">Version ${document.info.version}. The same for machines: <a href="/openapi.json">openapi.json</a></p>
${prose(document.info.description)}
<div class="beside">${contents(groups)}<div>${groups.map((group) => section(document, group))}</div></div>`;
  return layout({ title, content, width: 'sided', navigation: navigation('/docs', places) });
}

function entriesOf(document: OpenApiDocument, tag: string): readonly Entry[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method, operation]) => (operation.tags as string[]).includes(tag) && method !== 'head')
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/** Every operation by what it does. */
function contents(groups: readonly Group[]): Html {
  const entry = ({ method, operation }: Entry) =>
    html`<li><a href="#${operation.operationId}"><span class="verb">${method}</span> ${inline(operation.summary)}</a></li>`;
  return html`<nav class="card contents" aria-label="Contents"><details open><summary>Contents</summary>${groups.map(
    ({ name, entries }) => html`<p><a href="#${anchor(name)}">${name}</a></p><ul>${entries.map(entry)}</ul>`,
  )}</details></nav>`;
}

function section(document: OpenApiDocument, { name, entries }: Group): Html {
  return html`<section id="${anchor(name)}"><h2>${name}</h2>${entries.map((entry) => article(document, entry))}</section>`;
}

function article(document: OpenApiDocument, { method, path, operation }: Entry): Html {
  const body = Object.values(operation.requestBody?.content ?? {})[0] as Loose;
  const [status, success] = Object.entries(operation.responses)[0] as [string, Loose];
  const answer = Object.values(success.content ?? {})[0] as Loose;
  return html`<article class="card" id="${operation.operationId}">
<h3><span class="verb">${method}</span> <code>${path}</code></h3>
<p><strong>${inline(operation.summary)}.</strong></p>
${prose(operation.description ?? '')}
${parameters(document, operation.parameters)}
${body && html`<details open><summary>Body</summary>${schemaTable(document, body.schema, 'Body')}${example(body.example)}</details>`}
<details><summary>Answer ${status}</summary>${answer ? html`${schemaTable(document, answer.schema, 'Answer')}${example(answer.example)}` : html`<p>${inline(success.description)}</p>`}</details>
${problems(operation.responses)}
</article>`;
}

function parameters(document: OpenApiDocument, list: readonly Loose[]): HtmlValue {
  if (list.length === 0) return '';
  const oneOf = (schema: Loose) => {
    const words: readonly string[] = resolved(document, schema).enum ?? [];
    return (
      words.length > 0 &&
      html` One of ${words.map((word, index) => html`${index > 0 && ', '}<code>${word}</code>`)}.`
    );
  };
  const rows = list.map(
    ({ name, in: where, required, description, schema }) =>
      html`<tr><td><code>${name}</code></td><td>${where}${required && ', needed'}</td><td>${schema.default !== undefined && html`Default <code>${schema.default}</code>. `}${inline(description ?? '')}${oneOf(schema)}</td></tr>`,
  );
  return html`<details open><summary>Parameters</summary>${table('Parameters', ['Name', 'Where', 'Meaning'], rows)}</details>`;
}

function problems(responses: Readonly<Record<string, Loose>>): HtmlValue {
  const rows = Object.entries(responses)
    .filter(([status]) => Number(status) >= 400)
    .map(([status, { description }]) => html`<tr><td>${status}</td><td>${inline(description)}</td></tr>`);
  return (
    rows.length > 0 &&
    html`<details><summary>Problems</summary>${table('Problems', ['Status', 'Code and meaning'], rows)}</details>`
  );
}

function example(value: unknown): HtmlValue {
  return (
    value !== undefined &&
    html`<pre tabindex="0" role="group" aria-label="Example">${JSON.stringify(value, null, 2)}</pre>`
  );
}

function anchor(tag: string): string {
  return tag.toLowerCase().replaceAll(' ', '-');
}
