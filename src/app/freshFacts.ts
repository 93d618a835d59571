import type { GrantFacts } from '../core/grantFacts.ts';
import type { Instant } from '../core/instant.ts';
import type { Issued } from '../platforms/kit/adapter.ts';
import type { Context } from './context.ts';
import type { OpenApp } from './openGrant.ts';

/** What is known of a grant that a person has just authorized; `before` is what was known of the same grant until then. */
export function freshFacts(
  ctx: Context,
  open: OpenApp,
  issued: Issued,
  scopes: readonly string[],
  before: GrantFacts | null,
  secrets: Readonly<Record<string, string>>,
): GrantFacts {
  const now = ctx.house.now();
  const publishing = open.config.settings.publishing_status;
  return {
    platform: open.platform.profile.id,
    method: open.method.id,
    appPublishing: publishing === 'testing' || publishing === 'production' ? publishing : 'unknown',
    consentedAt: now,
    issuedAt: issued.issuedAt,
    accessExpiresAt: issued.accessExpiresAt,
    accessExpiryAssumed: issued.accessExpiryAssumed,
    renewalExpiresAt: renewalEndOf(issued, before),
    renewable: isRenewable(open, secrets),
    scopesRequested: [...new Set([...(before?.scopesRequested ?? []), ...scopes])],
    scopesGranted: issued.scopesGranted ?? scopes,
    hardEnds: issued.hardEnds ?? [],
    lastProofAt: now,
    accessDeadAt: null,
    unknownOutcomeAt: null,
    newerGrantsOfIdentity: 0,
    consentCount: (before?.consentCount ?? 0) + 1,
    extra: issued.extra ?? {},
  };
}

/** A refresh token that is kept keeps its end. */
function renewalEndOf(issued: Issued, before: GrantFacts | null): Instant | null {
  if (issued.renewalExpiresAt !== undefined) return issued.renewalExpiresAt;
  return issued.secrets.refresh_token === undefined ? (before?.renewalExpiresAt ?? null) : null;
}

function isRenewable(open: OpenApp, secrets: Readonly<Record<string, unknown>>): boolean {
  if (!open.adapter.renew) return false;
  return open.method.cadence.mechanism.value !== 'refresh_token' || secrets.refresh_token !== undefined;
}
