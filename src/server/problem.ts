import { PROBLEMS, type Problem, type ProblemCode } from '../app/errors.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** A problem as it goes over the wire (RFC 9457). */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly [extension: string]: unknown;
}

export function problemDocument(problem: Problem): ProblemDocument {
  const { code, message, extensions, status } = problem;
  const { title } = PROBLEMS[code];
  const own = { type: `/problems/${code}`, title, status, detail: message, code };
  // The members that all problems have come first, and none of a verb's own takes their place.
  return { ...own, ...extensions, ...own };
}
