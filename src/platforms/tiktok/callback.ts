import type { CallbackResult } from '../kit/adapter.ts';
import { readStandardCallback } from '../kit/oauth.ts';

/** The advertiser page sends the value as `auth_code` and as `code`; the account page sends `code` alone. */
export function readCallback(query: URLSearchParams): CallbackResult {
  const code = query.get('auth_code') ?? query.get('code');
  if (code && !query.get('error')) return { kind: 'code', code, issuer: null };
  return readStandardCallback(query);
}
