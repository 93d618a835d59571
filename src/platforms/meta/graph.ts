import { createHmac } from 'node:crypto';
import { at, type PlatformAnswer, parseJson, type ReceivedAnswer } from '../../core/answer.ts';
import type { AppConfig, Held, Io } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { bearer, formPost, get, type PlatformRequest, withQuery } from '../kit/request.ts';

const DEFAULT_VERSION = 'v26.0';

/** The Graph API version of this app: a path segment on both hosts. Anything that is not one is ignored. */
export function graphVersion(app: AppConfig): string {
  const set = app.settings.graph_version;
  return typeof set === 'string' && /^v\d{1,3}\.\d{1,2}$/.test(set.trim()) ? set.trim() : DEFAULT_VERSION;
}

export const graphUrl = (app: AppConfig): string => `https://graph.facebook.com/${graphVersion(app)}`;
export const dialogUrl = (app: AppConfig): string =>
  `https://www.facebook.com/${graphVersion(app)}/dialog/oauth`;

/** The Facebook Login for Business configuration, where the app has one. */
export function configId(app: AppConfig): string | undefined {
  const set = app.settings.config_id;
  return typeof set === 'string' && set.trim() !== '' ? set.trim() : undefined;
}

export const accessToken = (held: Held): string => held.secrets.access_token ?? '';

/** Proof that the caller holds the app's secret. It depends on the token, so every new token needs a new one. */
export function appSecretProof(app: AppConfig, token: string): string {
  return createHmac('sha256', app.clientSecret).update(token).digest('hex');
}

type Fields = Readonly<Record<string, string | undefined>>;

/** A GET with a user's or system user's token: token in the header, proof as the parameter that it has to be. */
export function graphGet(app: AppConfig, token: string, path: string, fields: Fields = {}): PlatformRequest {
  const proven = { ...fields, appsecret_proof: appSecretProof(app, token) };
  return get('api', `${graphUrl(app)}${path}`, proven, bearer(token));
}

export function graphDelete(app: AppConfig, token: string, path: string): PlatformRequest {
  const url = withQuery(`${graphUrl(app)}${path}`, { appsecret_proof: appSecretProof(app, token) });
  return {
    endpoint: 'revoke',
    method: 'DELETE',
    url,
    headers: { accept: 'application/json', ...bearer(token) },
  };
}

/** Asks about a token as the app. The edge takes GET only (a POST is refused), so the token is in the address. */
export function debugTokenRequest(app: AppConfig, token: string): PlatformRequest {
  const asApp = bearer(`${app.clientId}|${app.clientSecret}`);
  return get('probe', `${graphUrl(app)}/debug_token`, { input_token: token }, asApp);
}

/** The token endpoint by POST: documented as GET, but that would put the secret into the address. */
export function sendTokenCall(io: Io, app: AppConfig, fields: Fields): Promise<PlatformAnswer> {
  const client = { client_id: app.clientId, client_secret: app.clientSecret };
  return io.send(formPost('token', `${graphUrl(app)}/oauth/access_token`, { ...fields, ...client }));
}

/** Whether an answer is a success by its body too: a 200 may carry an error, or plain "Service Unavailable". */
export function graphSucceeded(answer: PlatformAnswer): answer is ReceivedAnswer {
  if (!succeeded(answer)) return false;
  const json = parseJson(answer.body);
  return typeof json === 'object' && json !== null && at(json, 'error') === undefined;
}
