import { jsonAnswer, type SimAnswer } from '../../kit/simulator.ts';

/** The error shape of the token endpoint (RFC 6749 5.2), with Google's additions. */
export function oauthError(
  status: number,
  error: string,
  error_description: string,
  more: Record<string, string> = {},
): SimAnswer {
  return jsonAnswer(status, { error, error_description, ...more });
}
