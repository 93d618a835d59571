// biome-ignore lint/suspicious/noExplicitAny: the document is read as the JSON that it is.
type Loose = any;

export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: Loose;
}

/** Every operation of an OpenAPI document. */
export function operations(document: Loose): readonly Operation[] {
  return Object.entries(document.paths as Record<string, Record<string, Loose>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
}

/** Those of the API. */
export function apiOperations(document: Loose): readonly Operation[] {
  return operations(document).filter(({ path }) => path.startsWith('/v1/'));
}

/** A body that the operation takes: its own example. */
export function bodyOf({ operation }: Operation): unknown {
  return operation.requestBody?.content['application/json']?.example;
}
