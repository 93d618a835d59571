import type { z } from 'zod';
import type { Context } from '../app/context.ts';
import type { ProblemCode } from '../app/errors.ts';
import type { ApiKeyScope } from '../app/manageApiKeys.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** What a route's handler is given: everything in it was checked. */
export interface Call<Query, Body> {
  readonly ctx: Context;
  /** The `{id}` of the path; empty where it has none. */
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
}

/** What a verb returns is never changed afterwards, so it may be read-only all the way down. */
export type Readable<T> = T extends readonly (infer Item)[]
  ? readonly Readable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Readable<T[Key]> }
    : T;

/** A route of the API, declared once: it feeds the server and the OpenAPI document. */
export interface RouteSpec<Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType> {
  /** Its name in the OpenAPI document, in camelCase. */
  readonly name: string;
  readonly method: Method;
  /** With parameters in braces: `/v1/apps/{id}`. */
  readonly path: `/v1/${string}`;
  /** What the parameters of the path mean, and where one finds them. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What an API key must be allowed to. */
  readonly scope: ApiKeyScope;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly query?: Query;
  readonly body?: Body;
  /** A member of the body that quotes somebody else, in whatever text: it is taken as it came. */
  readonly quoted?: string;
  /** What leaves: nothing that is not in it. Null: no content. */
  readonly answer: Answer | null;
  /** Default 200, and 204 without an answer. 201 answers with `Location`. */
  readonly status?: 200 | 201;
  /** Where a created thing is found. */
  readonly location?: (answer: z.output<Answer>) => string;
  /** The answer is a secret: said to old caches too, and in the document. */
  readonly noStore?: boolean;
  /** Problems beside those that every route may answer with. */
  readonly problems?: readonly ProblemCode[];
  readonly handle: (
    call: Call<z.output<Query>, z.output<Body>>,
  ) => Promise<Answer extends z.ZodNever ? void : Readable<z.output<Answer>>>;
}

// biome-ignore lint/suspicious/noExplicitAny: the one place where routes of all shapes come together.
export type Route = RouteSpec<any, any, any>;

/** Declares a route. */
export function route<
  Query extends z.ZodType = z.ZodType<Record<string, never>>,
  Body extends z.ZodType = z.ZodType<undefined>,
  Answer extends z.ZodType = z.ZodNever,
>(spec: RouteSpec<Query, Body, Answer>): Route {
  return spec;
}

/** The names in braces. */
export function pathParameters(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
}

export function statusOf(spec: Pick<Route, 'status' | 'answer'>): 200 | 201 | 204 {
  return spec.answer === null ? 204 : (spec.status ?? 200);
}
