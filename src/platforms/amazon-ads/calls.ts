import type { PlatformAnswer } from '../../core/answer.ts';
import type { AppConfig, Io } from '../kit/adapter.ts';
import { bearer, type PlatformRequest } from '../kit/request.ts';

/** The two headers that every call of the Ads API needs. A call for one ad account adds `Amazon-Advertising-API-Scope`. */
export function apiHeaders(app: AppConfig, accessToken: string): Readonly<Record<string, string>> {
  return { ...bearer(accessToken), 'Amazon-Advertising-API-ClientId': app.clientId };
}

/** Sends, and takes the access token out of the answer: the gateway's 403 may quote the Authorization header. */
export async function sendGuarded(
  io: Io,
  request: PlatformRequest,
  accessToken: string,
): Promise<PlatformAnswer> {
  const answer = await io.send(request);
  if (answer.kind !== 'answer' || accessToken === '' || !answer.body.includes(accessToken)) return answer;
  return { ...answer, body: answer.body.replaceAll(accessToken, '[access token]') };
}

/** A refusal that the next try will not change: neither silence, nor a limit, nor an outage. */
export function refuses(answer: PlatformAnswer): boolean {
  if (answer.kind !== 'answer' || answer.status === 408 || answer.status === 429) return false;
  return answer.status >= 400 && answer.status <= 499;
}
