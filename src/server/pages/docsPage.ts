import { type Html, type HtmlValue, html } from '../html.ts';
import type { OpenApiDocument } from '../openapi/document.ts';
import { layout } from './layout.ts';
import { schemaTable } from './schemaTable.ts';

// biome-ignore lint/suspicious/noExplicitAny: the document is read as the JSON that it is.
type Loose = any;

/** The API for people to read, from the same document that machines read. */
export function docsPage(document: OpenApiDocument): Html {
  const sections = document.tags.map(({ name }) => section(document, name));
  const content = html`<h1>${document.info.title} API</h1>
<p class="soft">Version ${document.info.version}. The same for machines: <a href="/openapi.json">openapi.json</a></p>
${document.info.description.split('\n\n').map((text) => html`<p>${code(text)}</p>`)}
<nav class="card"><h2>Contents</h2><ul>${document.tags.map(({ name }) => html`<li><a href="#${anchor(name)}">${name}</a></li>`)}</ul></nav>
${sections}`;
  return layout({ title: `${document.info.title} API`, content, wide: true });
}

function section(document: OpenApiDocument, tag: string): Html {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method, operation]) => (operation.tags as string[]).includes(tag) && method !== 'head')
      .map(([method, operation]) => entry(document, method.toUpperCase(), path, operation)),
  );
  return html`<section id="${anchor(tag)}"><h2>${tag}</h2>${operations}</section>`;
}

function entry(document: OpenApiDocument, method: string, path: string, operation: Loose): Html {
  const body = Object.values(operation.requestBody?.content ?? {})[0] as Loose;
  const [status, success] = Object.entries(operation.responses)[0] as [string, Loose];
  const answer = Object.values(success.content ?? {})[0] as Loose;
  return html`<article class="card" id="${operation.operationId}">
<h3><span class="verb">${method}</span> <code>${path}</code></h3>
<p><strong>${operation.summary}.</strong></p>
${(operation.description ?? '').split('\n\n').map((text: string) => text !== '' && html`<p>${code(text)}</p>`)}
${parameters(operation.parameters)}
${body && html`<h3>Body</h3>${schemaTable(document, body.schema)}${example(body.example)}`}
<h3>Answer ${status}</h3>${answer ? html`${schemaTable(document, answer.schema)}${example(answer.example)}` : html`<p>${success.description}</p>`}
${problems(operation.responses)}
</article>`;
}

function parameters(list: readonly Loose[]): HtmlValue {
  if (list.length === 0) return '';
  const rows = list.map(
    ({ name, in: where, required, description, schema }) =>
      html`<tr><td><code>${name}</code></td><td>${where}${required && ', needed'}</td><td>${schema.default !== undefined && html`Default <code>${schema.default}</code>. `}${code(description ?? '')}</td></tr>`,
  );
  return html`<h3>Parameters</h3><div class="scroll"><table>${rows}</table></div>`;
}

function problems(responses: Readonly<Record<string, Loose>>): HtmlValue {
  const rows = Object.entries(responses)
    .filter(([status]) => Number(status) >= 400)
    .map(([status, { description }]) => html`<tr><td>${status}</td><td>${code(description)}</td></tr>`);
  return rows.length > 0 && html`<h3>Problems</h3><div class="scroll"><table>${rows}</table></div>`;
}

function example(value: unknown): HtmlValue {
  return value !== undefined && html`<pre>${JSON.stringify(value, null, 2)}</pre>`;
}

/** Text with `code` in backticks. */
function code(text: string): HtmlValue {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}

function anchor(tag: string): string {
  return tag.toLowerCase().replaceAll(' ', '-');
}
