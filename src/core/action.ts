import { GRANT_STATES, type GrantState } from './grantState.ts';

const byState = <State extends GrantState>(state: State) => `grant.${state}` as const;

/**
 * What the activity log tells of, by the one name that each has in API, database and documents. Rows are kept for good, so a name
 * that was ever written stays.
 */
export const ACTIONS = [
  'api_key.created',
  'api_key.refused',
  'api_key.revoked',
  'app.created',
  'app.deleted',
  'app.failing',
  'app.recovered',
  'app.secret_changed',
  'app.updated',
  'client.created',
  'client.deleted',
  'client.updated',
  'clock.frozen',
  'clock.moved',
  'clock.resumed',
  'connect.begun',
  'connect.completed',
  'connect.failed',
  'connect.link_created',
  'connect.other_identity_accepted',
  'connect.other_identity_refused',
  'connect.state_refused',
  'connection.created',
  'connection.degraded',
  'connection.disconnected',
  'connection.reconnected',
  'connection.refreshed',
  'connection.restored',
  'connection.updated',
  'deadline.reminded',
  'failure.reported',
  ...GRANT_STATES.map(byState),
  'grant.attempt_failed',
  'grant.authorized',
  'grant.disconnected',
  'grant.renewed',
  'grant.retired',
  'grant.spared',
  'platform.declared',
  'platform.declared_anew',
  'platform.deleted',
  'token.read',
] as const;
export type Action = (typeof ACTIONS)[number];
