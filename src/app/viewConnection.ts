import { CAUSES, type Cause } from '../core/cause.ts';
import type { GrantFacts } from '../core/grantFacts.ts';
import { type GrantState, STATE_WORDS } from '../core/grantState.ts';
import { type Instant, toRfc3339, toRfc3339OrNull } from '../core/instant.ts';
import { accessWorks, estimateLoss } from '../core/outage.ts';
import { reconnectMends } from '../core/reconnect.ts';
import type { AdAccount } from '../platforms/kit/adapter.ts';
import type { ConnectionLoss, ConnectionRecord, GrantRecord, StateEvidence } from '../store/records.ts';
import type { ConnectionView } from '../store/store.ts';
import type { ReconnectLinks } from './reconnectLink.ts';
import { accountNames, signInWords } from './signInWords.ts';

/** An ad account as the platform last described it; `unreachable`: it no longer lists it, or refuses to tell of it. */
export type ConnectedAccount = Omit<AdAccount, 'status'> & {
  readonly status: AdAccount['status'] | 'unreachable';
};

export interface Loss {
  readonly cause: Cause | null;
  readonly explanation: string;
  readonly who: string;
  readonly remedy: string;
}

/** Why a grant is what it is, in a person's words. */
export function describeLoss(grant: GrantRecord): Loss {
  const cause = grant.cause;
  const entry = CAUSES[cause ?? 'unknown'];
  if (cause !== null && grant.state === 'suspect') return describeDoubt(cause);
  return {
    cause,
    explanation: cause === null ? '' : entry.meaning,
    who: grant.evidence?.who ?? entry.who,
    remedy: grant.evidence?.remedy ?? entry.remedy,
  };
}

/** When a grant that needs a person is looked at again by itself, because its cause may pass; null: it is not. */
export function nextLookOf({ state, dueAt, dueReason }: GrantRecord): Instant | null {
  return state === 'expired' && dueReason === 'probe' ? dueAt : null;
}

/** What is not confirmed is not said as if it were, and nobody is sent to mend it. */
function describeDoubt(cause: Cause): Loss {
  return {
    cause,
    explanation: `${STATE_WORDS.suspect.meaning} If it is true: ${CAUSES[cause].meaning}`,
    who: 'nobody',
    remedy: 'Nothing to do yet: Evergrant asks the platform again by itself.',
  };
}

/** A grant as the API shows it: everything but secrets. */
export function viewGrant(grant: GrantRecord) {
  const { facts, evidence } = grant;
  return {
    id: grant.id,
    app_id: grant.appId,
    platform: grant.platform,
    method: grant.method,
    environment: grant.environment,
    state: grant.state,
    ...whyOf(grant),
    identity: grant.identity,
    scopes_requested: facts.scopesRequested,
    scopes_granted: facts.scopesGranted,
    missing_scopes: evidence?.missingScopes ?? [],
    consented_at: toRfc3339(facts.consentedAt),
    issued_at: toRfc3339(facts.issuedAt),
    access_expires_at: toRfc3339OrNull(facts.accessExpiresAt),
    renewal_expires_at: toRfc3339OrNull(facts.renewalExpiresAt),
    next_renewal_at: toRfc3339OrNull(grant.renewAt),
    deadline_at: toRfc3339OrNull(grant.deadlineAt),
    last_proof_at: toRfc3339OrNull(facts.lastProofAt),
    failures: grant.failures,
    credential_version: grant.credentialVersion,
    created_at: toRfc3339(grant.createdAt),
  };
}

/** The state in which a connection is shown: its grant's, unless it lacks something of its own. */
export function stateOf({ connection, grant }: ConnectionView): GrantState {
  if (connection.status === 'disconnected') return 'revoked';
  return connection.loss && grant.state === 'active' ? 'degraded' : grant.state;
}

/** That the grant reaches no ad account says less than what the connection itself lacks. */
const reachesNone = ({ cause }: GrantRecord): boolean =>
  cause === 'not_provisioned' || cause === 'account_access_removed';

/** What the connection itself lacks, where that is what is shown of it; null: its grant tells. */
export function ownLossOf(view: ConnectionView): ConnectionLoss | null {
  const { connection, grant } = view;
  const shown = stateOf(view) === 'degraded' && (grant.state === 'active' || reachesNone(grant));
  return shown ? connection.loss : null;
}

/** The grant as the connection sees it that lacks something of its own. */
function asLost(
  { accounts }: ConnectionRecord,
  grant: GrantRecord,
  { cause, since, evidence, accounts: lost }: ConnectionLoss,
): GrantRecord {
  const names = accountNames(accounts, lost);
  const remedy = evidence.remedy ?? CAUSES[cause].remedy;
  const named = names.length > 0 ? `${remedy} Ad accounts: ${names.join(', ')}.` : remedy;
  return { ...grant, state: 'degraded', cause, stateSince: since, evidence: { ...evidence, remedy: named } };
}

/**
 * What is known of a grant where a refusal of its access credential that waits to be confirmed is taken as true: until the
 * verdict that is handed out, yet not known to work. Where nothing renews it, it is what was refused.
 */
function ifRefusalIsTrue({ state, facts, pending, evidence, cause }: GrantRecord): GrantFacts {
  if (state !== 'suspect' || pending === null || facts.accessDeadAt !== null) return facts;
  const ofAccess = evidence?.endpoint !== 'token' && CAUSES[cause ?? 'unknown'].reach === 'grant';
  return facts.renewable && !ofAccess ? facts : { ...facts, accessDeadAt: pending.firstSeenAt };
}

/** A connection as the API shows it now, with the state of the grant it rests on. */
export function viewConnection({ connection, grant }: ConnectionView, links: ReconnectLinks, now: Instant) {
  const disconnected = connection.status === 'disconnected';
  const facts = ifRefusalIsTrue(grant);
  const works = !disconnected && grant.state !== 'revoked' && accessWorks(facts, now);
  const state = stateOf({ connection, grant });
  const { loss } = connection;
  const why = whyOfView({ connection, grant });
  const mends = reconnectMends({ ...why, state, reconnect: evidenceOf({ connection, grant })?.reconnect });
  return {
    id: connection.id,
    client_id: connection.clientId,
    grant_id: connection.grantId,
    name: connection.name,
    platform: grant.platform,
    method: grant.method,
    environment: grant.environment,
    app_id: grant.appId,
    state,
    ...why,
    has_working_token: works,
    down_since: works || disconnected ? null : toRfc3339(estimateLoss(facts, now).startedAt),
    identity: grant.identity,
    accounts: connection.accounts as unknown as readonly ConnectedAccount[],
    missing_scopes: grant.evidence?.missingScopes ?? [],
    missing_accounts: disconnected ? [] : (loss?.accounts ?? []),
    access_expires_at: toRfc3339OrNull(grant.facts.accessExpiresAt),
    next_renewal_at: disconnected ? null : toRfc3339OrNull(grant.renewAt),
    next_look_at: disconnected ? null : toRfc3339OrNull(nextLookOf(grant)),
    deadline_at: disconnected ? null : toRfc3339OrNull(grant.deadlineAt),
    last_proof_at: toRfc3339OrNull(grant.facts.lastProofAt),
    reconnect_url: mends ? links(connection.id, grant) : null,
    created_at: toRfc3339(connection.createdAt),
  };
}

const NOTHING_WRONG = { cause: null, explanation: null, who: null, remedy: null, evidence: null } as const;

/** What is wrong with a connection, or with the grant it rests on, and who mends it how. */
export function whyOfView(view: ConnectionView) {
  const { connection, grant } = view;
  if (connection.status === 'disconnected')
    return { ...NOTHING_WRONG, since: toRfc3339OrNull(connection.disconnectedAt) };
  const ownLoss = ownLossOf(view);
  if (ownLoss === null) return whyOf(grant);
  return { ...whyOf(asLost(connection, grant, ownLoss)), ...signInWords(view, ownLoss) };
}

/** What was seen of what is wrong. */
const evidenceOf = (view: ConnectionView): StateEvidence | null => (ownLossOf(view) ?? view.grant).evidence;

function whyOf(grant: GrantRecord) {
  const since = toRfc3339(grant.stateSince);
  if (grant.cause === null) return { ...NOTHING_WRONG, since };
  const loss = describeLoss(grant);
  const evidence = grant.evidence && {
    check: grant.evidence.check,
    status: grant.evidence.status,
    code: grant.evidence.code,
    message: grant.evidence.message,
    confirmed_by: grant.evidence.confirmedBy,
    acceptable_others: grant.evidence.acceptableOthers,
  };
  return {
    cause: grant.cause,
    since,
    explanation: loss.explanation,
    who: loss.who,
    remedy: loss.remedy,
    evidence,
  };
}
