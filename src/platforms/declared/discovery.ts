import {
  type AuthorizationServer,
  discoveryRequest,
  JSON_ATTRIBUTE_COMPARISON,
  OperationProcessingError,
  processDiscoveryResponse,
} from 'oauth4webapi';
import { z } from 'zod';
import type { PlatformAnswer, ReceivedAnswer } from '../../core/answer.ts';
import type { Io, Outcome } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { addressProblems, isLoopback } from './address.ts';
import type { Declaration } from './declaration.ts';
import { refused } from './refusal.ts';
import { sentences } from './sentences.ts';
import { ask, toResponse } from './wire.ts';

const endpoint = z.string().superRefine((text, context) => {
  for (const message of addressProblems(text)) context.addIssue({ code: 'custom', message });
});

/** What Evergrant keeps of a server's metadata (RFC 8414 2). Plain JSON: made to be cached. */
export const Discovered = z.object({
  issuer: z.string(),
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  revocation_endpoint: endpoint.optional(),
  introspection_endpoint: endpoint.optional(),
  userinfo_endpoint: endpoint.optional(),
  jwks_uri: endpoint.optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
  id_token_signing_alg_values_supported: z.array(z.string()).optional(),
});
export type Discovered = z.infer<typeof Discovered>;

/**
 * Asks a declared issuer for its metadata: OpenID Connect Discovery 4 first, then RFC 8414 3. Cached by the caller.
 * Throws where the declaration has no issuer. A refusal's reason is read with `declaredChecks`.
 */
export async function discover(io: Io, declaration: Declaration): Promise<Outcome<Discovered>> {
  if (declaration.issuer === undefined)
    throw new Error(`The declaration of ${declaration.id} has no issuer to discover.`);
  const issuer = new URL(declaration.issuer);
  for (const algorithm of ['oidc', 'oauth2'] as const) {
    const answer = await ask(io, 'api', (options) => discoveryRequest(issuer, { ...options, algorithm }));
    if (succeeded(answer) && isObject(answer.body)) return readMetadata(answer, declaration.issuer);
    // Busy or out of order says nothing about where the metadata is; it goes back as it came.
    if (isPassing(answer)) return { ok: false, answer };
  }
  return refused(
    'api',
    'metadata_unusable',
    'No metadata at the issuer (openid-configuration, oauth-authorization-server); declare the endpoints instead.',
  );
}

/** A redirect is none: servers send unknown paths to their sign-in page, and no redirect is followed. */
function isPassing(answer: PlatformAnswer): boolean {
  if (answer.kind === 'no_answer') return answer.reason !== 'redirect_refused';
  return answer.status === 429 || answer.status >= 500;
}

function isObject(body: string): boolean {
  return /^\s*\{/.test(body);
}

async function readMetadata(answer: ReceivedAnswer, issuer: string): Promise<Outcome<Discovered>> {
  let metadata: AuthorizationServer;
  try {
    metadata = await processDiscoveryResponse(new URL(issuer), toResponse({ ...answer, status: 200 }));
  } catch (error) {
    const other = error instanceof OperationProcessingError && error.code === JSON_ATTRIBUTE_COMPARISON;
    if (other) return mismatch(answer);
    const why = 'The metadata is not a JSON object with an issuer.';
    return refused('api', 'metadata_unusable', why, answer.status);
  }
  // The library compares addresses, where https://a.example and https://a.example/ are one; RFC 8414 3.3 compares text.
  if (metadata.issuer !== issuer) return mismatch(answer);
  return readFields(answer, metadata, isLoopback(new URL(issuer)));
}

function mismatch(answer: PlatformAnswer): Outcome<Discovered> {
  const status = answer.kind === 'answer' ? answer.status : undefined;
  const why =
    'The metadata names another issuer than the declared one. Both must be the same text, to the last slash.';
  return refused('api', 'issuer_mismatch', why, status);
}

function readFields(
  answer: ReceivedAnswer,
  metadata: AuthorizationServer,
  local: boolean,
): Outcome<Discovered> {
  const given = Object.entries(metadata).filter(([, value]) => value !== null && value !== '');
  const parsed = Discovered.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const why = `In the metadata, ${parsed.error.issues.flatMap(sentences).join('; ')}`;
    return refused('api', 'metadata_unusable', why, answer.status);
  }
  // A server elsewhere must not send Evergrant to the machine on which Evergrant runs.
  const inward = Object.entries(parsed.data).find(
    ([, value]) => typeof value === 'string' && isLoopback(new URL(value)),
  );
  if (inward && !local) {
    const why = `In the metadata, ${inward[0]}: must not be on the machine on which Evergrant runs`;
    return refused('api', 'metadata_unusable', why, answer.status);
  }
  return { ok: true, value: parsed.data };
}
