import { at, textAt } from '../../core/answer.ts';
import type { Evidence, Finding } from '../../core/diagnosis.ts';
import { listAt } from './answers.ts';

type Answered = Pick<Evidence, 'answer'>;

/** Google's error object. Streamed methods wrap it in a list. */
export function errorOf({ answer }: Answered): unknown {
  const root = Array.isArray(answer.json) ? answer.json[0] : answer.json;
  const error = at(root, 'error');
  return typeof error === 'object' ? error : undefined;
}

/** Reason codes: `details[].reason` (google.rpc.ErrorInfo) before the older `errors[].reason`. */
export function reasonsOf(evidence: Answered): readonly string[] {
  const error = errorOf(evidence);
  const entries = [...listAt(error, 'details'), ...listAt(error, 'errors')];
  return entries.map((entry) => textAt(entry, 'reason')).filter((reason) => reason !== undefined);
}

/** The gRPC name of the status, such as `PERMISSION_DENIED`. */
export const statusName = (evidence: Answered): string | undefined => textAt(errorOf(evidence), 'status');

export const messageOf = (evidence: Answered): string => textAt(errorOf(evidence), 'message') ?? '';

/** `retryDelay` of google.rpc.RetryInfo ("30s"), in whole seconds. */
export function retryDelaySeconds(evidence: Answered): number | undefined {
  const delays = listAt(errorOf(evidence), 'details').map((detail) =>
    durationSeconds(textAt(detail, 'retryDelay')),
  );
  return delays.find((delay) => delay !== undefined);
}

/** A protobuf duration ("86s", "3.5s") in whole seconds, rounded up. */
export function durationSeconds(text: string | undefined): number | undefined {
  const number = /^(\d+(?:\.\d+)?)s$/.exec(text ?? '')?.[1];
  return number === undefined ? undefined : Math.ceil(Number(number));
}

/** The finding with the wait that the body asks for, where it asks for one. */
export function waiting(finding: Finding, seconds: number | undefined): Finding {
  return seconds === undefined ? finding : { ...finding, retryAfterSeconds: seconds };
}

/** The first entry of the table that one of the codes names. */
export function lookUp(
  table: Readonly<Record<string, Finding>>,
  codes: readonly string[],
): Finding | undefined {
  const code = codes.find((candidate) => Object.hasOwn(table, candidate));
  return code === undefined ? undefined : table[code];
}
