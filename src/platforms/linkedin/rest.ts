import type { AppConfig } from '../kit/adapter.ts';
import { bearer, get, type PlatformRequest } from '../kit/request.ts';

export const REST = 'https://api.linkedin.com/rest';

/** The version that was current when this platform was last checked against the documents. */
const DEFAULT_VERSION = '202607';

/** The two headers without which the versioned API refuses a call. */
export function versionHeaders(app: AppConfig): Readonly<Record<string, string>> {
  const set = String(app.settings.api_version ?? '').trim();
  return { 'linkedin-version': set === '' ? DEFAULT_VERSION : set, 'x-restli-protocol-version': '2.0.0' };
}

export function restGet(
  app: AppConfig,
  accessToken: string,
  path: string,
  fields: Readonly<Record<string, string | undefined>> = {},
): PlatformRequest {
  return get('api', `${REST}${path}`, fields, { ...bearer(accessToken), ...versionHeaders(app) });
}
