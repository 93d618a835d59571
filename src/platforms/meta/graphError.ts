import { at, numberAt, textAt } from '../../core/answer.ts';
import type { Actor } from '../../core/cause.ts';
import type { Check, Evidence, Finding } from '../../core/diagnosis.ts';

/** The one error envelope of the Graph API. Only message, type, code and fbtrace_id are always there. */
export interface GraphError {
  readonly code: number;
  readonly subcode: number | undefined;
  readonly message: string;
  readonly transient: boolean;
  /** True where debug_token speaks about the token it was asked about, not about the call. */
  readonly ofDebuggedToken: boolean;
}

/** The error of an answer of any status; debug_token keeps the token's own under `data`, with `subcode`. */
export function graphError(evidence: Evidence): GraphError | undefined {
  const { json } = evidence.answer;
  return errorAt(at(json, 'error'), false) ?? errorAt(at(json, 'data', 'error'), true);
}

function errorAt(error: unknown, ofDebuggedToken: boolean): GraphError | undefined {
  const code = numberAt(error, 'code');
  if (code === undefined) return undefined;
  return {
    code,
    subcode: numberAt(error, 'error_subcode') ?? numberAt(error, 'subcode'),
    message: textAt(error, 'message') ?? '',
    transient: at(error, 'is_transient') === true,
    ofDebuggedToken,
  };
}

export type GraphCondition = (error: GraphError, evidence: Evidence) => boolean;
type GraphFinding = Finding | ((evidence: Evidence, error: GraphError) => Finding);

/** A check on the Graph error of an answer; silent where the answer has none. */
export function graphCheck(name: string, when: GraphCondition, finding: GraphFinding): Check {
  return {
    name: `meta.${name}`,
    look: (evidence) => {
      const error = graphError(evidence);
      if (!error || !when(error, evidence)) return undefined;
      return typeof finding === 'function' ? finding(evidence, error) : finding;
    },
  };
}

export const code =
  (...codes: readonly number[]): GraphCondition =>
  (error) =>
    codes.includes(error.code);

export const says =
  (condition: GraphCondition, pattern: RegExp): GraphCondition =>
  (error, evidence) =>
    condition(error, evidence) && pattern.test(error.message);

export const sub =
  (condition: GraphCondition, ...subcodes: readonly number[]): GraphCondition =>
  (error, evidence) =>
    condition(error, evidence) && error.subcode !== undefined && subcodes.includes(error.subcode);

/** 190 and 102 both say that the token or its session is no good; the subcode says why. */
export const session: GraphCondition = code(190, 102);

/**
 * Subcode first. Where there is none, the words stand in: Meta leaves the subcode out of some answers.
 */
export const told =
  (subcodes: readonly number[], words: RegExp): GraphCondition =>
  (error, evidence) => {
    if (!session(error, evidence)) return false;
    return error.subcode === undefined ? words.test(error.message) : subcodes.includes(error.subcode);
  };

const isSystemUser = ({ facts }: Evidence): boolean =>
  facts?.method === 'system_user' || facts?.extra?.token_type === 'SYSTEM_USER';

const NEW_TOKEN =
  'An administrator of the business portfolio generates a new token for the system user (Business settings, Users, ' +
  'System users) and enters it here.';

/** Mended by a sign-in where a person authorized, by a new pasted token where a system user did. */
export function mendedBy(
  evidence: Evidence,
  remedy: string,
): { readonly who: Actor; readonly remedy: string } {
  return isSystemUser(evidence)
    ? { who: 'account_admin', remedy: NEW_TOKEN }
    : { who: 'authorizing_user', remedy };
}
