import openapiTS, { astToString } from 'openapi-typescript';
import { openApiDocument } from '../src/server/openapi/document.ts';
import { ROUTES } from '../src/server/routes/index.ts';

/** `sdk/src/openapi.gen.ts`: the types of the API, for the SDK. Pages for people are no part of them. */
export async function sdkTypes(): Promise<string> {
  const document = openApiDocument({ routes: ROUTES, pages: [], plain: [] }, 'http://127.0.0.1:7070', '0');
  const nodes = await openapiTS(JSON.stringify(document, onlyTypes), {
    alphabetize: true,
    // A member with a default may be left out by whoever sends it.
    defaultNonNullable: false,
    silent: true,
  });
  return `// Generated from the OpenAPI document by npm run gen. Do not edit.\n\n${astToString(nodes)}`;
}

/** Leaves out examples, and the problems of each route: the SDK has one error for all of them. */
function onlyTypes(key: string, value: unknown): unknown {
  if (key === 'example' || key === 'examples') return undefined;
  if (key !== 'responses') return value;
  return Object.fromEntries(Object.entries(value as object).filter(([status]) => status.startsWith('2')));
}
