import { jsonAnswer, type SimAnswer } from '../../kit/simulator.ts';

/** Why a call is refused before it reaches the product. */
export type Refusal =
  | 'missing'
  | 'invalid'
  | 'expired'
  | 'revoked'
  | 'account_gone'
  | 'scope'
  | 'api_off'
  | 'suspended'
  | 'quota'
  | 'rate';

export interface RpcError {
  readonly code: number;
  readonly status: string;
  readonly message: string;
  /** google.rpc.ErrorInfo. */
  readonly reason?: string;
  /** The reason of the older `errors[]` list. */
  readonly legacy?: string;
}

const INVALID_WORDS =
  'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.';

/** The layer in front of all Google APIs. */
export const REFUSALS: Readonly<Record<Refusal, RpcError>> = {
  missing: {
    code: 401,
    status: 'UNAUTHENTICATED',
    message: 'Request is missing required authentication credential. Expected OAuth 2 access token.',
    reason: 'CREDENTIALS_MISSING',
    legacy: 'required',
  },
  invalid: { code: 401, status: 'UNAUTHENTICATED', message: INVALID_WORDS, legacy: 'authError' },
  expired: {
    code: 401,
    status: 'UNAUTHENTICATED',
    message: INVALID_WORDS,
    reason: 'ACCESS_TOKEN_EXPIRED',
    legacy: 'authError',
  },
  revoked: { code: 401, status: 'UNAUTHENTICATED', message: INVALID_WORDS, legacy: 'authError' },
  account_gone: {
    code: 401,
    status: 'UNAUTHENTICATED',
    message: 'The account for the specified token has been disabled.',
    reason: 'ACCOUNT_STATE_INVALID',
    legacy: 'authError',
  },
  scope: {
    code: 403,
    status: 'PERMISSION_DENIED',
    message: 'Request had insufficient authentication scopes.',
    reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
    legacy: 'insufficientPermissions',
  },
  api_off: {
    code: 403,
    status: 'PERMISSION_DENIED',
    message: 'This API has not been used in project 104500000000 before or it is disabled.',
    reason: 'SERVICE_DISABLED',
    legacy: 'accessNotConfigured',
  },
  suspended: {
    code: 403,
    status: 'PERMISSION_DENIED',
    message: 'Permission denied: Consumer has been suspended.',
    reason: 'CONSUMER_SUSPENDED',
    legacy: 'forbidden',
  },
  quota: {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message: 'Quota exceeded for quota metric.',
    reason: 'RESOURCE_QUOTA_EXCEEDED',
  },
  rate: {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message: 'Resource has been exhausted (e.g. check quota).',
  },
};

/** Today's error shape. */
export function rpcError({ code, status, message, reason }: RpcError): SimAnswer {
  const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' };
  const error = { code, message, status, ...(reason === undefined ? {} : { details: [info] }) };
  return jsonAnswer(code, { error }, challenge(code, reason));
}

/** The shape of the older APIs: the same, and a list of `errors` with reasons of their own. */
export function legacyError({ code, status, message, reason, legacy }: RpcError): SimAnswer {
  const answer = JSON.parse(rpcError({ code, status, message, reason }).body) as { error: object };
  const errors = [{ message, domain: 'global', reason: legacy ?? 'backendError' }];
  return jsonAnswer(code, { error: { ...answer.error, errors } }, challenge(code, reason));
}

function challenge(code: number, reason: string | undefined): Record<string, string> {
  if (code !== 401) return {};
  const realm = 'Bearer realm="https://accounts.google.com/"';
  return { 'www-authenticate': reason === 'CREDENTIALS_MISSING' ? realm : `${realm}, error="invalid_token"` };
}

export const forbidden = (message = 'The caller does not have permission'): RpcError => ({
  code: 403,
  status: 'PERMISSION_DENIED',
  message,
  legacy: 'forbidden',
});

export const notFound: RpcError = {
  code: 404,
  status: 'NOT_FOUND',
  message: 'Requested entity was not found.',
  legacy: 'notFound',
};

export const invalidArgument = (message: string): RpcError => ({
  code: 400,
  status: 'INVALID_ARGUMENT',
  message,
  legacy: 'invalid',
});
