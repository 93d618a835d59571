import { createHash } from 'node:crypto';
import type { SimMessage, SimSignal } from '../../kit/simDeeds.ts';
import type { BreakTarget, SimWorld } from '../../kit/simulator.ts';
import type { Grant, Grants } from './grants.ts';
import type { Keys } from './keys.ts';

const SOURCE = 'https://developers.google.com/identity/protocols/risc';
const ISSUER = 'https://accounts.google.com/';
const RISC = 'https://schemas.openid.net/secevent/risc/event-type';
const OAUTH = 'https://schemas.openid.net/secevent/oauth/event-type';

interface Parts {
  readonly world: SimWorld;
  readonly grants: Grants;
  readonly keys: Keys;
}

/** What an event tells beside its type. */
type EventOf = (grant: Grant) => Record<string, unknown>;

/** The type of event that each signal is. */
export const EVENT_TYPES: Readonly<Record<string, string>> = {
  tokens_revoked: `${OAUTH}/tokens-revoked`,
  token_revoked: `${OAUTH}/token-revoked`,
  sessions_revoked: `${RISC}/sessions-revoked`,
  account_disabled: `${RISC}/account-disabled`,
  account_enabled: `${RISC}/account-enabled`,
  credential_change_required: `${RISC}/account-credential-change-required`,
  verification: `${RISC}/verification`,
};

/** Cross-Account Protection (RISC): signed security event tokens for people who granted `profile` or `email`. */
export function simulatedSignals(
  parts: Parts,
  grantsIn: (target: BreakTarget) => readonly Grant[],
): readonly SimSignal[] {
  const signal = (
    name: string,
    title: string,
    after: readonly string[],
    event: EventOf,
    perToken = false,
  ): SimSignal => ({
    signal: name,
    title,
    source: SOURCE,
    after,
    messages: (target) => {
      const told = grantsIn(target).filter((grant) => grant.scopes.some(tellsPerson));
      return (perToken ? told : onePerPerson(told)).map((grant) =>
        eventToken(parts, grant.clientId, { [EVENT_TYPES[name]!]: event(grant) }),
      );
    },
  });
  const subject: EventOf = (grant) => ({ subject: person(grant) });
  const disabled: EventOf = (grant) => ({ subject: person(grant), reason: 'hijacking' });
  const revoked: EventOf = (grant) => ({ subject: refreshToken(grant) });
  return [
    signal(
      'tokens_revoked',
      'All tokens of the person for the app are revoked',
      ['revoked_by_user'],
      subject,
    ),
    signal('token_revoked', 'One refresh token is revoked', [], revoked, true),
    signal('sessions_revoked', 'The person is signed out everywhere', [], subject),
    signal('account_disabled', 'The person’s Google account is disabled', ['account_deleted'], disabled),
    signal('account_enabled', 'The person’s Google account is enabled again', [], subject),
    signal('credential_change_required', 'The person has to change the password', [], subject),
    signal('verification', 'A test of the stream', [], () => ({ state: 'simulated' })),
  ];
}

const tellsPerson = (scope: string): boolean => /userinfo\.(email|profile)$/.test(scope);

const person = ({ identity }: Grant) => ({ subject_type: 'iss-sub', iss: ISSUER, sub: identity });

/** Never the token itself: the hash of its hash, by which the receiver finds the one that it keeps. */
function refreshToken({ refreshToken: token }: Grant) {
  const once = createHash('sha512')
    .update(token ?? '')
    .digest();
  return {
    subject_type: 'oauth_token',
    token_type: 'refresh_token',
    token_identifier_alg: 'hash_base64_sha512_sha512',
    token: createHash('sha512').update(once).digest('base64'),
  };
}

function onePerPerson(grants: readonly Grant[]): readonly Grant[] {
  return [...new Map(grants.map((grant) => [`${grant.clientId} ${grant.identity}`, grant])).values()];
}

/** RFC 8417. Receivers tell repeated deliveries by `jti`: the same event at the same moment has the same one. */
export function eventToken(
  { world, keys }: Pick<Parts, 'world' | 'keys'>,
  clientId: string,
  events: Record<string, unknown>,
): SimMessage {
  const iat = Math.floor(world.now() / 1000);
  const jti = createHash('sha256')
    .update(JSON.stringify([iat, clientId, events]))
    .digest('hex');
  const body = keys.signed({ iss: ISSUER, aud: clientId, iat, jti, events });
  return { contentType: 'application/secevent+jwt', body };
}
