import type { PageSpec } from '../page.ts';
import type { PlainSpec } from '../plain.ts';
import type { Route } from '../route.ts';
import { problem } from '../schemas/common.ts';
import { Components } from './components.ts';
import { type Operation, pageOperation, plainOperation, routeOperation } from './operations.ts';

/** Everything that the server answers to. */
export interface Everything {
  readonly routes: readonly Route[];
  readonly pages: readonly PageSpec[];
  readonly plain: readonly PlainSpec[];
}

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const DESCRIPTION = `Keeps the authorizations to advertising platforms alive: renews, diagnoses, mends.

Send an API key as \`Authorization: Bearer evg_…\`. Times are RFC 3339 in UTC. Lists answer \`{ data, next_cursor }\`; ask for
the next page with \`?cursor=\`. A POST may carry an \`Idempotency-Key\`. What goes wrong is told as a problem document
(RFC 9457, \`application/problem+json\`) with a stable \`code\`.`;

/** The OpenAPI 3.1 document, made from the same declarations as the routes. */
export function openApiDocument(
  { routes, pages, plain }: Everything,
  url: string,
  version: string,
): OpenApiDocument {
  const components = new Components();
  components.schemas.Problem = components.refer(problem, 'output');
  const paths: Record<string, Record<string, Operation>> = {};
  const add = (path: string, method: string, operation: Operation) => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  };
  for (const route of routes) add(route.path, route.method, routeOperation(route, components));
  for (const page of pages) add(page.path, page.method, pageOperation(page));
  for (const spec of plain) {
    add(spec.path, 'GET', plainOperation(spec, components));
    if (spec.head)
      add(spec.path, 'HEAD', { ...plainOperation(spec, components), operationId: `${spec.name}Head` });
  }
  const tags = [...new Set([...routes.map((route) => route.tag), 'Pages for people', 'Service'])];
  const description = 'An API key; its scopes say what it may do.';
  return {
    openapi: '3.1.0',
    info: { title: 'Evergrant', version, description: DESCRIPTION },
    servers: [{ url }],
    tags: tags.map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description } },
      schemas: components.schemas,
    },
  };
}
