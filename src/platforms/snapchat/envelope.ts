import { at, type PlatformAnswer, parseJson, type ReceivedAnswer, textAt } from '../../core/answer.ts';
import { succeeded } from '../kit/oauth.ts';

/** Lists under which the Ads API tells items, each with a status of its own. */
const LISTS = ['organizations', 'adaccounts'] as const;

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Compared without case: lower-case `success` was seen. */
const isError = (status: string | undefined): boolean => status?.toUpperCase() === 'ERROR';

/** Whether an answer is a success by its envelope too: HTTP 200 can carry `request_status: ERROR`. */
export function fulfilled(answer: PlatformAnswer): answer is ReceivedAnswer {
  return succeeded(answer) && !isError(textAt(parseJson(answer.body), 'request_status'));
}

/** The platform's code: of the envelope, or of the first item that failed. */
export function errorCode(json: unknown): string | undefined {
  const code = textAt(json, 'error_code');
  if (code) return code;
  const items = LISTS.flatMap((name) => list(at(json, name)));
  return items.map(itemErrorCode).find((found) => found !== undefined);
}

/** The code of an item that failed, out of its reason; `unknown` where it names none; undefined for a good item. */
export function itemErrorCode(item: unknown): string | undefined {
  if (!isError(textAt(item, 'sub_request_status'))) return undefined;
  return /Error code:\s*(E\d+)/i.exec(textAt(item, 'sub_request_error_reason') ?? '')?.[1] ?? 'unknown';
}

/** Whether the envelope or an item of it tells an error, whatever the HTTP status says. */
export function tellsError(json: unknown): boolean {
  return isError(textAt(json, 'request_status')) || errorCode(json) !== undefined;
}
