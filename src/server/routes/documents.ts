import { PROBLEMS, Problem, type ProblemCode } from '../../app/errors.ts';
import { html } from '../html.ts';
import type { OpenApiDocument } from '../openapi/document.ts';
import type { PageSpec } from '../page.ts';
import { docsPage } from '../pages/docsPage.ts';
import { layout } from '../pages/layout.ts';
import { navigation, type Places } from '../pages/navigation.ts';
import type { PlainSpec } from '../plain.ts';

/** The document is made when it is first asked for: it holds these routes too. */
export function documentRoutes(document: () => OpenApiDocument): readonly PlainSpec[] {
  const text = once(() => JSON.stringify(document()));
  return [
    {
      name: 'openapi',
      path: '/openapi.json',
      summary: 'This document (OpenAPI 3.1)',
      contentType: 'application/json; charset=utf-8',
      handle: async () => text(),
    },
  ];
}

export function documentPages(document: () => OpenApiDocument, places: Places): readonly PageSpec[] {
  const page = once(() => docsPage(document(), places));
  return [
    {
      name: 'docs',
      method: 'GET',
      path: '/docs',
      summary: 'This document for people',
      answers: ['page'],
      handle: async () => ({ page: page() }),
    },
    {
      name: 'explainProblem',
      method: 'GET',
      path: '/problems/{code}',
      parameters: { code: 'The `code` of a problem document.' },
      summary: 'What a problem’s `type` points to',
      answers: ['page'],
      handle: async ({ params }) => ({ page: explanation(params.code ?? '', places) }),
    },
  ];
}

function explanation(code: string, places: Places) {
  if (!Object.hasOwn(PROBLEMS, code)) throw new Problem('not_found', 'There is no such problem.');
  const { status, title } = PROBLEMS[code as ProblemCode];
  const content = html`<div class="card"><h1>${title}</h1>
<p>Code <code>${code}</code>, HTTP status ${status}. The answer’s <code>detail</code> says what happened and what to do.</p>
</div>`;
  return layout({ title, content, navigation: navigation(null, places) });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
